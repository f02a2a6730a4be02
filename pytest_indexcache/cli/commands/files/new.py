"""``indexcache new``: write a commented scenario as a starting point."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command
from pytest_indexcache.errors import CommandError, ScenarioError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.scenario_files.new_scenario import NewScenario
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
On a terminal, a few questions are asked unless --title or --from is given. With
--from, the file is a copy of another scenario, without the results recorded in it.

  indexcache new my-report.toml
  indexcache new my-report.toml --title "torch comes again" \\
      --require torch==2.8.0 --index https://download.pytorch.org/whl/cpu
  indexcache new my-report.toml --from uv-15303-cpu
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache new``."""
    summary = "write a new scenario to start from"
    parser = add_command(commands, "new", run, summary, DESCRIPTION)
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    parser.add_argument("--title", default="", help="the misbehaviour, in one sentence")
    parser.add_argument("--issue", default="", metavar="URL", help="the URL of the report")
    parser.add_argument("--index", metavar="URL", help="the real URL of the index (default: PyPI)")
    parser.add_argument("--server", default="", help="the server that the index imitates")
    parser.add_argument(
        "--require",
        action="append",
        metavar="REQUIREMENT",
        help="a requirement of the project, such as torch==2.8.0; may be repeated (default: six)",
    )
    parser.add_argument("--from", dest="origin", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def run(chosen: argparse.Namespace) -> int:
    """Write a new scenario file, from options, from answers, or from another scenario."""
    from pytest_indexcache.system.text_files import write_text_file

    file: Path = chosen.file
    _demand_writable(file, is_forced=chosen.force)
    text = _derived(chosen) if chosen.origin else _written(chosen)
    write_text_file(file, text)
    name = printable(str(file))
    write_text(sys.stdout, f"wrote {name}; it plays: indexcache play {name}")
    return 0


_OPTIONS: Final = {"title": "title", "issue": "issue", "url": "index", "server": "server"}
"""Maps keys of a scenario to the command-line options that set them."""


def _option_problems(chosen: argparse.Namespace, error: ScenarioError) -> str:
    """Return one line for each problem of the scenario, with the option that caused it if known."""
    lines = []
    for problem in error.problems:
        option = _OPTIONS.get(problem.key_path.rpartition(".")[2], "")
        value = getattr(chosen, option, None) if option else None
        name = f"--{option} {value!r}" if value else problem.key_path
        lines.append(f"{name}: {problem.text}{f' ({problem.hint})' if problem.hint else ''}")
    return "\n".join(lines)


def _demand_writable(file: Path, *, is_forced: bool) -> None:
    if file.is_dir():
        raise CommandError(f"{file} is a folder", "name a file, such as my-report.toml")
    if not file.parent.is_dir():
        raise CommandError(
            f"the folder {file.parent} does not exist", "create it, or name another file"
        )
    if file.exists() and not is_forced:
        raise CommandError(f"{file} already exists", "name another file, or give --force")


def _derived(chosen: argparse.Namespace) -> str:
    from pytest_indexcache.cli.scenario_files.new_scenario import derived_text
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario

    if chosen.index or chosen.server or chosen.require:
        raise CommandError(
            "--index, --server and --require cannot be used with --from", "edit the file afterwards"
        )
    origin = find_scenario(chosen.origin).file
    text = origin.read_text(encoding="utf-8")
    return _playable(chosen, derived_text(text, title=chosen.title, issue=chosen.issue))


def _playable(chosen: argparse.Namespace, text: str) -> str:
    """Return ``text`` if it is a valid scenario.

    :raises CommandError: otherwise, with the options that caused the problems
    """
    from pytest_indexcache.run.loading import loads_playable

    try:
        loads_playable(text)
    except ScenarioError as error:
        raise CommandError(_option_problems(chosen, error), "give another value") from error
    return text


def _written(chosen: argparse.Namespace) -> str:
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
    )
    text = _playable(chosen, draft.text)  # wrong options are reported before any question
    return _asked(chosen, draft).text if is_asked else text


def _asked(chosen: argparse.Namespace, draft: NewScenario) -> NewScenario:
    """Ask the user for each value that was not given as an option."""
    draft = _answered(
        "What goes wrong, in a sentence?", lambda answer: replace(draft, title=answer)
    )
    if not chosen.issue:
        draft = _answered(
            "The URL of the report, if there is one?",
            lambda answer: replace(draft, issue=answer),
            may_be_empty=True,
        )
    if not chosen.index:
        draft = _answered(
            "The URL of the index?", lambda answer: replace(draft, url=answer), draft.url
        )
    if not chosen.require:
        draft = _answered(
            "What does the project require?",
            lambda answer: replace(draft, requirements=tuple(answer.split())),
            " ".join(draft.requirements),
        )
    return draft


def _answered(
    question: str,
    change: Callable[[str], NewScenario],
    usual: str = "",
    *,
    may_be_empty: bool = False,
) -> NewScenario:
    """Ask a question until the answer leads to a valid scenario, and return this scenario.

    ``change`` puts an answer into the scenario. ``usual`` is the default answer.
    """
    from pytest_indexcache.run.loading import loads_playable

    while True:
        draft = change(_ask(question, usual, may_be_empty=may_be_empty))
        try:
            loads_playable(draft.text)
        except CommandError as error:
            write_text(sys.stderr, str(error))
        except ScenarioError as error:
            for problem in error.problems:
                hint = f"\n  hint: {problem.hint}" if problem.hint else ""
                write_text(sys.stderr, f"{problem.text}{hint}")
        else:
            return draft


def _ask(question: str, usual: str = "", *, may_be_empty: bool = False) -> str:
    """Ask a question until the user answers, and return the answer.

    If the user only presses Enter, the answer is ``usual``.
    """
    shown = f"{question} [{usual}] " if usual else f"{question} "
    while True:
        try:
            answer = input(shown).strip() or usual
        except EOFError:
            sys.stdout.write("\n")
            raise KeyboardInterrupt from None
        if answer or may_be_empty:
            return answer
