"""Write reports to files, in the format that the file suffix selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import ReportError
from pytest_indexcache.reports.json_report import json_report
from pytest_indexcache.reports.markdown_report import markdown_report
from pytest_indexcache.run.matrix.results import Circumstances
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.system.atomic_files import write_named_file


def _html(results: Sequence[PlayResult], machine: Circumstances | None, command: str) -> str:
    from pytest_indexcache.reports.page import html_report

    return html_report(results, machine, command)


def _markdown(results: Sequence[PlayResult], _machine: Circumstances | None, _command: str) -> str:
    return markdown_report(results)


def _json(results: Sequence[PlayResult], _machine: Circumstances | None, _command: str) -> str:
    return json_report(results)


KINDS: Final[Mapping[str, Callable[[Sequence[PlayResult], Circumstances | None, str], str]]] = {
    ".html": _html,
    ".md": _markdown,
    ".json": _json,
}


def checked_report(file: Path) -> Path:
    """Return the absolute path of a report after checking its suffix.

    :raises ReportError: if the suffix is unknown, or the path is a folder
    """
    if file.suffix not in KINDS:
        near = get_close_matches(file.suffix, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the kinds are: {', '.join(KINDS)}"
        raise ReportError(file, f"there are no reports of the kind {file.suffix!r}", hint)
    if file.is_dir():
        raise ReportError(file, "this is a folder", "name a file in it")
    return file.absolute()


def write_report(
    file: Path,
    results: Sequence[PlayResult],
    machine: Circumstances | None = None,
    command: str = "",
) -> None:
    """Write the results to a report file, in the format that its suffix selects.

    ``machine`` and ``command`` say where and how the plays ran; only HTML reports show them. An
    existing file is replaced.

    :raises ReportError: if the file cannot be written; an existing file is then left unchanged
    """
    text = KINDS[file.suffix](results, machine, command)
    try:
        write_named_file(file, text.encode())
    except OSError as error:
        hint = "free disk space, or name another file"
        raise ReportError(file, f"it cannot be written: {error.strerror}", hint) from error
