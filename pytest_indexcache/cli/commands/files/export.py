"""``indexcache export``: write a scenario as one script that needs no packages but an installer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_lines
from pytest_indexcache.cli.terminal.outputs import demand_new
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
The script contains the responses and the files of the indexes and serves them at their
real URLs through a proxy on loopback. It runs the commands of the steps with an
installer of the machine, and prints the requests of each step. It needs nothing but
Python 3.8 or later, so a maintainer can run it without installing anything. It checks
requests, exits, outputs, lockfiles (with Python 3.11 or later) and the venv, and lists
the expectations that it does not check.

  indexcache export 15303-cpu --output torch.py
  python3 -I torch.py --installer /path/to/uv
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache export``."""
    summary = "write a scenario as one script that needs only Python"
    parser = add_command(commands, "export", run, summary, DESCRIPTION)
    parser.add_argument("scenario", metavar="FILE", help=f"a scenario, or {NAME_HELP}")
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        default="uv",
        help="the installer whose commands the script runs: uv (default), pip, poetry or pdm, in "
        "its newest release; or a release, such as uv==0.8.11",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write the script to this new file, not to stdout",
    )


def run(chosen: argparse.Namespace) -> int:
    """Write a script that plays a scenario, and return the exit code."""
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario
    from pytest_indexcache.cli.scenario_text import step_sentence
    from pytest_indexcache.index.previews.filled_files import filled
    from pytest_indexcache.installers.commands.adapter import CommandAdapter
    from pytest_indexcache.installers.contract.installer import InstallerSpec
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installers, with_releases
    from pytest_indexcache.standalone import exported_script

    demand_new(chosen.output)
    scenario = filled(find_scenario(chosen.scenario).scenario)
    spec: str = chosen.installer
    installer = create_installers(with_releases(InstallerSpec.parse(spec)))[0]
    demand_present(installer)
    if not isinstance(installer, CommandAdapter):
        raise CommandError(
            f"{spec} is not a program that a script can run",
            "choose uv, pip, poetry or pdm",
        )
    sentences = {n: printable(step_sentence(step)) for n, step in enumerate(scenario.steps, 1)}
    text = exported_script(scenario, installer, sentences)
    if chosen.output is None:
        sys.stdout.write(text)
        return 0
    _write(chosen.output, text)
    return 0


def _write(output: Path, text: str) -> None:
    from pytest_indexcache.scenario.tables.fields import human_size
    from pytest_indexcache.system.text_files import write_text_file

    write_text_file(output, text)
    size = human_size(len(text.encode()))
    write_lines(sys.stderr, [f"{output}: {size}; run it with python3 -I"])
