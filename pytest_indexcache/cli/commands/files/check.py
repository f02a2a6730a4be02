"""``indexcache check``: report errors and warnings in scenario files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import add_command
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.scenario.model import Scenario

DESCRIPTION: Final = """\
Each problem is reported with its file, line and key path, and with a suggestion. Nothing is
played, but the indexes are built and changed as in a play. A file with only warnings can be
played. The exit code is 1 if a file has a problem.

  indexcache check my-report.toml
  indexcache check scenarios
  indexcache check my-report.toml --urls
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache check``."""
    parser = add_command(
        commands,
        "check",
        run,
        "report problems in scenario files",
        DESCRIPTION,
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")
    parser.add_argument(
        "--urls", action="store_true", help="show every page and every file with its URL"
    )


def run(chosen: argparse.Namespace) -> int:
    """Check scenario files, and return 1 if any of them contains an error."""
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.scenario_files import scenario_files, shown_file

    files = [shown_file(found) for given in chosen.paths for found in scenario_files(given)]
    if not files:
        named = ", ".join(map(str, chosen.paths))
        raise CommandError(f"there is no scenario in {named}", "a scenario is a TOML file")
    wrong = sum(not _is_right(file, shows_urls=chosen.urls) for file in files)
    if len(files) > 1:
        found = f"{wrong} with problems" if wrong else "nothing wrong"
        write_text(sys.stdout, f"{_counted(len(files), 'scenario')}, {found}")
    return 1 if wrong else 0


def _is_right(file: Path, *, shows_urls: bool) -> bool:
    """Check a file, print its errors and warnings, and return whether it has no errors."""
    from pytest_indexcache.errors import ScenarioError
    from pytest_indexcache.run.loading import load_playable

    try:
        loaded = load_playable(file)
    except ScenarioError as error:
        write_text(sys.stderr, str(error))
        return False
    for warning in loaded.warnings:
        write_text(sys.stderr, warning.describe(file))
    found = _counted(len(loaded.warnings), "warning") if loaded.warnings else "nothing wrong"
    steps = _counted(len(loaded.scenario.steps), "step")
    write_text(sys.stdout, f"{printable(str(file))}: {steps}, {found}")
    if shows_urls:
        _write_urls(loaded.scenario)
    return True


def _write_urls(scenario: Scenario) -> None:
    """Print the URLs on each index, including URLs that exist only after a step."""
    from pytest_indexcache.index.previews.addresses import addresses

    shown = None
    for address in addresses(scenario):
        place = (address.step, address.index)
        if place != shown:
            step = f", from step {address.step} on" if address.step else ""
            write_text(sys.stdout, f"index {address.index}{step}")
            shown = place
        write_text(sys.stdout, f"  {address.kind:8} {address.url}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
