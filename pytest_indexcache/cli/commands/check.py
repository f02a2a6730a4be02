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
        "Every problem is told with its file, line and key path. Nothing is played.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")


def run(chosen: argparse.Namespace) -> int:
    """Check files, and return 1 where one is wrong."""
    from pytest_indexcache.errors import ScenarioError
    from pytest_indexcache.scenario.loader import load_scenario
    from pytest_indexcache.scenario_files import scenario_files

    wrong = 0
    for path in [found for given in chosen.paths for found in scenario_files(given)]:
        try:
            scenario = load_scenario(path)
        except ScenarioError as error:
            wrong += 1
            sys.stderr.write(f"{error}\n")
        else:
            sys.stdout.write(
                f"{printable(str(path))}: {len(scenario.steps)} steps, nothing wrong\n"
            )
    return 1 if wrong else 0
