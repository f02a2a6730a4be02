"""``indexcache check``: what is wrong in scenario files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_indexcache.cli.parsers import add_command
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.parsers import Commands


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "check",
        run,
        "say what is wrong in scenario files",
        "Every problem is told with its file, line and key path, and with what to do. Nothing is "
        "played, but the indexes are built and changed as in a play. A warning is no problem: "
        "the file can be played. The exit code is 1 if a file has a problem.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")


def run(chosen: argparse.Namespace) -> int:
    """Check files, and return 1 where one is wrong."""
    from pytest_indexcache.errors import ScenarioError
    from pytest_indexcache.run.plays.loading import load_playable
    from pytest_indexcache.scenario_files import scenario_files

    wrong = 0
    for path in [found for given in chosen.paths for found in scenario_files(given)]:
        try:
            loaded = load_playable(path)
        except ScenarioError as error:
            wrong += 1
            sys.stderr.write(f"{error}\n")
            continue
        for warning in loaded.warnings:
            sys.stderr.write(f"{warning.describe(path)}\n")
        found = _counted(len(loaded.warnings), "warning") if loaded.warnings else "nothing wrong"
        steps = _counted(len(loaded.scenario.steps), "step")
        sys.stdout.write(f"{printable(str(path))}: {steps}, {found}\n")
    return 1 if wrong else 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
