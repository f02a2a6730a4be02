"""``indexcache new``: write a commented scenario as a starting point."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.scenario_files.symptoms import DEFAULT_SYMPTOM, SYMPTOMS
from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command
from pytest_indexcache.errors import CommandError, ScenarioError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
On a terminal, a few questions are asked unless --title or --from is given. With
--from, the file is a copy of another scenario, without the results recorded in it.

  indexcache new my-report.toml
  indexcache new my-report.toml --title "torch comes again" \\
      --require torch==2.8.0 --index https://download.pytorch.org/whl/cpu
  indexcache new my-report.toml --from uv-15303-cpu

symptoms, each with the correct behaviour that the scenario expects:
  downloaded-again  nothing is downloaded again for a new venv (default)
  release-missed    a release that was published meanwhile is installed
  offline-fails     a new venv is made from the cache, offline
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache new``."""
    summary = "write a new scenario to start from"
    parser = add_command(commands, "new", run, summary, DESCRIPTION)
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    parser.add_argument("--title", default="", help="the misbehaviour, in one sentence")
    parser.add_argument(
        "--installer", default="", metavar="SPEC", help="the installer that misbehaves: uv==0.8.11"
    )
    parser.add_argument(
        "--symptom",
        metavar="NAME",
        choices=tuple(SYMPTOMS),
        help="the kind of misbehaviour: see above",
    )
    parser.add_argument("--issue", default="", metavar="URL", help="the URL of the report")
    parser.add_argument("--index", metavar="URL", help="the real URL of the index (default: PyPI)")
    parser.add_argument(
        "--server",
        default="",
        metavar="NAME",
        help="the server that the index imitates; indexcache list servers has the names",
    )
    parser.add_argument(
        "--require",
        action="append",
        metavar="REQUIREMENT",
        help="a requirement of the project, such as torch==2.8.0; may be repeated (default: six)",
    )
    parser.add_argument("--from", dest="origin", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def run(chosen: argparse.Namespace) -> int:
    """Write a new scenario file based on options, on the user's answers, or on another scenario."""
    from pytest_indexcache.cli.scenario_files.new_questions import checked_installer
    from pytest_indexcache.system.text_files import write_text_file

    file: Path = chosen.file
    _demand_writable(file, is_forced=chosen.force)
    if chosen.installer:
        chosen.installer = checked_installer(chosen.installer)
    made = _derived(chosen, chosen.origin) if chosen.origin else _written(chosen)
    write_text_file(file, made.text)
    command = ["indexcache", "play", str(file)]
    command += ["--installer", made.installer] if made.installer else []
    lines = [f"wrote {file}", *made.notes, f"play it: {shlex.join(command)}"]
    write_text(sys.stdout, "\n".join(printable(line) for line in lines))
    return 0


@dataclass(frozen=True)
class _MadeScenario:
    """The text of a new scenario, the installer to play it with, and notes for the user."""

    text: str
    installer: str
    notes: tuple[str, ...] = ()


_OPTIONS: Final = {"title": "title", "issue": "issue", "url": "index", "server": "server"}
"""For each key of a scenario that an option of the command can set, the name of this option."""

_HINTS: Final = {
    "issue": "give the URL of the report, such as https://github.com/astral-sh/uv/issues/15303",
    "index": "give the URL of the simple pages, such as https://pypi.org/simple; --server NAME "
    "imitates a server, and indexcache list servers has the names",
    "server": "indexcache list servers describes the servers",
}
"""For each option, a hint that is shown if its value is invalid."""


def _option_error(error: ScenarioError) -> CommandError:
    """Return an error that lists the problems of the new text, each with its option."""
    lines, hints = [], []
    for problem in error.problems:
        option = _OPTIONS.get(problem.key_path.rpartition(".")[2], "")
        name = f"--{option}" if option else problem.key_path
        more = f" ({problem.hint})" if problem.hint else ""
        lines.append(f"{name}: {problem.text}{more}")
        hints.append(_HINTS.get(option, "give another value"))
    return CommandError("\n".join(lines), "; ".join(dict.fromkeys(hints)))


def _demand_writable(file: Path, *, is_forced: bool) -> None:
    if file.is_dir():
        raise CommandError(f"{file} is a folder", "name a file, such as my-report.toml")
    if not file.parent.is_dir():
        raise CommandError(
            f"the folder {file.parent} does not exist", "create it, or name another file"
        )
    if file.exists() and not is_forced:
        raise CommandError(f"{file} already exists", "name another file, or give --force")


def _derived(chosen: argparse.Namespace, origin: str) -> _MadeScenario:
    from pytest_indexcache.cli.scenario_files.new_scenario import derived_text
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario

    if chosen.index or chosen.server or chosen.require or chosen.symptom:
        raise CommandError(
            "--index, --server, --require and --symptom cannot be used with --from",
            "edit the file afterwards",
        )
    text = find_scenario(origin).file.read_text(encoding="utf-8")
    derived = derived_text(text, title=chosen.title, issue=chosen.issue)
    return _MadeScenario(_playable(derived), chosen.installer)


def _playable(text: str) -> str:
    """Return the text if it is a valid scenario that can be played.

    :raises CommandError: if it is not; the message names the options with invalid values
    """
    from pytest_indexcache.run.loading import loads_playable

    try:
        loads_playable(text)
    except ScenarioError as error:
        raise _option_error(error) from error
    return text


def _written(chosen: argparse.Namespace) -> _MadeScenario:
    from pytest_indexcache.cli.scenario_files.new_questions import GivenOptions, ask
    from pytest_indexcache.cli.scenario_files.new_scenario import PYPI, NewScenario

    is_asked = not chosen.title and sys.stdin.isatty()
    if not chosen.title and not is_asked:
        raise CommandError("the scenario has no title", "give --title or --from")
    draft = NewScenario(
        chosen.title or "untitled",
        chosen.issue,
        chosen.index or PYPI,
        chosen.server,
        tuple(chosen.require or ["six"]),
        chosen.installer,
        chosen.symptom or DEFAULT_SYMPTOM,
    )
    _playable(draft.text)  # wrong options are reported before any question
    if is_asked:
        has_index = bool(chosen.index or chosen.server)
        options = (chosen.issue, has_index, chosen.require, chosen.installer, chosen.symptom)
        answers = ask(draft, GivenOptions(*map(bool, options)))
        draft = answers.draft
        if answers.origin is not None:
            chosen.title, chosen.issue, chosen.installer = draft.title, draft.issue, draft.installer
            return _derived(chosen, answers.origin)
    return _MadeScenario(draft.text, draft.installer, tuple(draft.notes))
