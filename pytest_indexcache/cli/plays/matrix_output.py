"""The output of commands that show a matrix: progress lines, a table, and result files."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pytest_indexcache.cli.plays.colours import painted, plain
from pytest_indexcache.cli.terminal.outputs import STDOUT, demand_outputs
from pytest_indexcache.cli.terminal.progress import Progress
from pytest_indexcache.cli.terminal.streams import terminal_width, wants_colour
from pytest_indexcache.errors import IndexcacheError, ReportError
from pytest_indexcache.reports.matrix_markdown import matrix_markdown
from pytest_indexcache.reports.matrix_table import matrix_lines, skip_lines, trouble_lines
from pytest_indexcache.reports.words.wording import short_name, verdict_counts
from pytest_indexcache.run.matrix.files import MatrixFile, write_matrix
from pytest_indexcache.run.matrix.results import PlayRecord, is_fine
from pytest_indexcache.run.matrix.sharding import Shard
from pytest_indexcache.run.plays.results import Verdict


class MatrixOutput:
    """A context manager that shows the plays of a matrix, and finally writes the result files."""

    def __init__(
        self,
        *,
        total: int,
        json_file: Path | None,
        markdown_file: Path | None,
        html_file: Path | None = None,
        strict: bool,
        shows_plays: bool,
    ) -> None:
        self._total = total
        self._json_file = json_file
        self._markdown_file = markdown_file
        self._html_file = html_file
        self._strict = strict
        self._progress = Progress(sys.stderr, shows_plays=shows_plays)
        self._remembered = 0
        self.records: list[PlayRecord] = []

    @classmethod
    def of(cls, chosen: argparse.Namespace, *, total: int, shows_plays: bool = True) -> Self:
        """Create the output from the options of a command line.

        :raises ReportError: if a file cannot be written
        :raises CommandError: if two options name the same file
        """
        named = {"--json": chosen.json, "--markdown": chosen.markdown, "--html": chosen.html}
        demand_outputs(named)
        return cls(
            total=total,
            json_file=chosen.json,
            markdown_file=chosen.markdown,
            html_file=chosen.html,
            strict=chosen.strict,
            shows_plays=shows_plays,
        )

    def tell(self, record: PlayRecord, remembered: bool) -> None:
        """Add a play; show it unless ``remembered`` is true, which means it came from the store."""
        self.records.append(record)
        self._remembered += remembered
        if remembered:
            return
        result = record.result
        width = len(str(self._total))
        self._progress.detail(
            f"{len(self.records):>{width}}/{self._total}  {short_name(result.scenario)}  "
            f"{result.installer}  {result.in_short}"
        )

    def warn(self, error: IndexcacheError) -> None:
        """Print an error."""
        self._progress.line(str(error))

    def interrupted(self, store: Path) -> None:
        """Print the table of finished plays after Ctrl-C, and say how to continue."""
        self._table()
        self.warn_text(
            f"{len(self.records)} of {self._total} plays are done; run the same command again to "
            f"go on\nthe results so far are in {store}"
        )

    def warn_text(self, text: str) -> None:
        """Print a message."""
        self._progress.line(text)

    def finish(self, plan: str, shards: Sequence[Shard]) -> int:
        """Print the table, write the result files, and return the exit code."""
        matrix = MatrixFile(plan, tuple(shards), tuple(self.records))
        texts = {
            self._json_file: matrix.text,
            self._markdown_file: self._markdown,
            self._html_file: self._html,
        }
        if STDOUT in texts:
            sys.stdout.write(texts[STDOUT]())
        else:
            self._table()
        code = 0
        for file, text in texts.items():
            if file is not None and file != STDOUT:
                code |= self._write(file, text())
        fine = all(is_fine(record.result.verdict, strict=self._strict) for record in self.records)
        return code if fine and self._has_played(shards) else 1

    def _has_played(self, shards: Sequence[Shard]) -> bool:
        """Return False, with a message, if every play of the whole matrix was skipped.

        For a single shard of several, the result is always True.
        """
        is_whole = len(shards) == shards[0].count
        skipped = all(record.result.verdict is Verdict.SKIPPED for record in self.records)
        if is_whole and skipped:
            reason = "every play was skipped" if self.records else "there is no valid scenario"
            self.warn_text(f"nothing was played: {reason}")
        return not (is_whole and skipped)

    def _markdown(self) -> str:
        return matrix_markdown(self.records)

    def _html(self) -> str:
        from pytest_indexcache.reports.page import matrix_html

        return matrix_html(self.records, shlex.join(["indexcache", *sys.argv[1:]]))

    def _write(self, file: Path, text: str) -> int:
        try:
            write_matrix(file, text)
        except ReportError as error:
            self.warn(error)
            return 1
        return 0

    def _table(self) -> None:
        if not self.records:
            return
        width = terminal_width()
        paint = painted if wants_colour(sys.stdout) else plain
        lines = ["", *matrix_lines(self.records, width, paint), ""]
        bad = {verdict for verdict in Verdict if not is_fine(verdict, strict=self._strict)}
        if details := list(trouble_lines(self.records, bad, width)):
            lines += [*details, ""]
        if skips := list(skip_lines(self.records, width)):
            lines += [*skips, ""]
        lines.append(verdict_counts([record.result for record in self.records]) + self._origin())
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()

    def _origin(self) -> str:
        return f" ({self._remembered} played before)" if self._remembered else ""

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._progress.__exit__(None, None, None)
