"""``indexcache capture``: turn an installer's run on real indexes into an offline scenario."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_lines
from pytest_indexcache.cli.terminal.outputs import demand_writable
from pytest_indexcache.cli.terminal.parsers import add_command, add_containment
from pytest_indexcache.cli.terminal.progress import Progress
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.drafts.captures.capture_plan import CapturePlan
    from pytest_indexcache.drafts.captures.commands import NamedIndex
    from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
    from pytest_indexcache.run.captures.capturing import Capture
    from pytest_indexcache.run.captures.comparison import Comparison

DESCRIPTION: Final = """\
The command is run twice in a copy of the project: with an empty cache, and again. Its
requests are passed on to the real indexes. Their responses become a scenario, which is
then played offline. Hosts, credentials, folders and names of private projects, of their
extras and of groups are replaced.

Indexes are read from the project, the command, --index, variables such as UV_INDEX and
PIP_INDEX_URL, and the user's uv.toml and pip.conf. Files of the whole machine, such as
/etc/pip.conf, are read only with --machine-config.

  indexcache capture --output report.toml -- uv sync --extra cpu
  indexcache capture --output report.toml --index https://pypi.example/simple \\
      -- pip install -r requirements.txt -- pip install --upgrade six
"""
_MOST_SHOWN: Final = 10


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache capture``."""
    summary = "run an installer with real indexes, and write a scenario of it"
    parser = add_command(commands, "capture", run, summary, DESCRIPTION)
    _add_inputs(parser)
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the scenario to this file, not to stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    parser.add_argument(
        "--keep-names",
        action="store_true",
        help="keep hosts, folders and names; credentials are replaced anyway",
    )
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        help="the installer to run: uv==0.8.11 or uv@PATH (default: the one on PATH)",
    )
    add_containment(parser)


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "command",
        nargs="*",
        metavar="COMMAND",
        help="after --, the installer's command; another -- starts the next command",
    )
    parser.add_argument(
        "--project",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the project's folder (default: this one); its project file and lockfile are copied",
    )
    parser.add_argument(
        "--file",
        action="append",
        default=[],
        metavar="PATH",
        help="another file of the project's folder to copy; may be repeated",
    )
    parser.add_argument(
        "--index",
        action="append",
        default=[],
        metavar="[NAME=]URL",
        help="an index that the project does not name; the first is the default; may be repeated",
    )
    parser.add_argument(
        "--machine-config",
        action="store_true",
        help="read indexes from files of the whole machine, such as /etc/pip.conf, as well",
    )


def run(chosen: argparse.Namespace) -> int:
    """Capture a scenario; return 1 unless an offline play of it leads to the same exchanges."""
    from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.system.text_files import write_text_file

    output: Path | None = chosen.output
    if output is not None and output.exists() and not chosen.force:
        raise CommandError(f"{output} already exists", "give another --output, or --force")
    demand_writable(output)
    replacements = Replacements(keeps_names=chosen.keep_names)
    replacements.path(str(Path.home()))
    replacements.path(str(chosen.project.resolve()))
    plan = _plan(chosen)
    write_lines(sys.stderr, plan.notes)
    captured = _captured(chosen, plan, replacements)
    if output is None:
        sys.stdout.write(captured.text)
    else:
        write_text_file(output, captured.text)
    write_lines(sys.stderr, _said(captured, output))
    found = captured.comparison
    return 0 if found is not None and found.exchanges and found.is_same else 1


def _plan(chosen: argparse.Namespace) -> CapturePlan:
    from pytest_indexcache.drafts.captures.commands import captured_step
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture

    commands = list(_split(chosen.command))
    if not commands:
        raise CommandError("no command is given", "give a command after --, such as -- uv sync")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return plan_capture(
        CaptureRequest(
            chosen.project,
            tuple(captured_step(words) for words in commands),
            tuple(_named(chosen.index)),
            tuple(chosen.file),
            python,
            keeps_names=chosen.keep_names,
            with_machine=chosen.machine_config,
        )
    )


def _split(words: Sequence[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, "--"]:
        if word != "--":
            command.append(word)
        elif command:
            yield command
            command = []


def _named(texts: Sequence[str]) -> Iterator[NamedIndex]:
    from pytest_indexcache.drafts.captures.commands import NamedIndex

    for number, text in enumerate(texts):
        has_name = "=" in text.partition("://")[0]
        name, _, url = text.partition("=") if has_name else ("", "", text)
        yield NamedIndex(url, number == 0, name)


def _captured(chosen: argparse.Namespace, plan: CapturePlan, replacements: Replacements) -> Capture:
    from tempfile import TemporaryDirectory

    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installer
    from pytest_indexcache.run.captures.capturing import MakeIndexes, capture
    from pytest_indexcache.run.plays.results import PlayResult
    from pytest_indexcache.run.session import WIRE, PlaySession
    from pytest_indexcache.scenario.model import Scenario

    installer = create_installer(chosen.installer or plan.commands[0].installer)
    if installer.spec.name != plan.commands[0].installer:
        text = f"the command is one of {plan.commands[0].installer}, not of {installer.spec.name}"
        raise CommandError(text, "name a release of that installer")
    demand_present(installer)
    with (
        Progress(sys.stderr) as progress,
        PlaySession(contained=ContainmentMode(chosen.contained)) as session,
    ):

        def play(scenario: Scenario, make_indexes: MakeIndexes | None) -> PlayResult:
            where = "with the captured scenario, offline" if make_indexes is None else _asked(plan)
            progress.line(f"playing {installer.spec} {where}")
            with TemporaryDirectory(
                prefix="indexcache-capture-", ignore_cleanup_errors=True
            ) as root:
                return session.play(
                    scenario,
                    "capture",
                    installer,
                    WIRE,
                    Path(root),
                    is_trusted=True,
                    make_indexes=make_indexes,
                )

        return capture(plan, play, replacements, _Counted(progress).note)


def _asked(plan: CapturePlan) -> str:
    """Return the part of a message that lists the indexes to be captured."""
    return f"at {', '.join(index.url for index in plan.indexes)}, with an empty cache first"


class _Counted:
    """A thread-safe counter of requests that shows the latest one in the status line."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._number = 0
        self._lock = Lock()

    def note(self, request: str) -> None:
        """Count a request, and show it in the status line if stderr is a terminal."""
        with self._lock:
            self._number += 1
            self._progress.now(printable(f"request {self._number}: {request}"))


def _said(captured: Capture, output: Path | None) -> Iterator[str]:
    """Yield messages about a capture: omitted parts, failed commands, and the offline play."""
    from pytest_indexcache.installers.contract.exits import ExitKind
    from pytest_indexcache.system.urls import hide_credentials

    for remark in captured.remarks:
        yield f"left out: {remark}"
    if captured.kept:
        yield f"not replaced, read before you give the file away: {', '.join(captured.kept)}"
    for step in captured.real.steps:
        if step.command:
            yield f"step {step.number}: {step.exit} with {len(step.exchanges)} requests"
        if step.exit is not ExitKind.SUCCESS:
            shown = hide_credentials(step.output).splitlines()[-_MOST_SHOWN:]
            yield from (f"  {line}" for line in shown)
    where = "the scenario" if output is None else str(output)
    if captured.comparison is None:
        yield f"{where} cannot be played offline: {captured.reason}"
        return
    yield from _compared(captured.comparison, where)
    if not captured.holds:
        yield "offline, a step behaves differently from the capture: play the file to see which"


def _compared(comparison: Comparison, where: str) -> Iterator[str]:
    if not comparison.exchanges:
        yield f"{where}: no request reached an index, so there is nothing to compare"
        return
    if comparison.is_same:
        yield f"{where}, played offline: same exchanges ({comparison.exchanges})"
        return
    total, same = comparison.exchanges, comparison.same
    yield f"{where}, played offline: {same} of {total} exchanges are the same; these are not:"
    for difference in comparison.differences[:_MOST_SHOWN]:
        yield f"  {difference.text}"
    more = len(comparison.differences) - _MOST_SHOWN
    if more > 0:
        yield f"  … and {more} more"
