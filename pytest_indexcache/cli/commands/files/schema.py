"""``indexcache schema``: print the JSON Schema of scenario files."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import add_command

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
Editors that read it complete and check the keys of a scenario:

  indexcache schema > scenario.schema.json

The first line of the scenario names the file:

  #:schema scenario.schema.json
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache schema``."""
    add_command(
        commands,
        "schema",
        run,
        "print the JSON Schema of the scenario file",
        DESCRIPTION,
    )


def run(_: argparse.Namespace) -> int:
    """Print the JSON Schema of scenario files."""
    from pytest_indexcache.scenario.schema import json_schema

    json.dump(json_schema(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0
