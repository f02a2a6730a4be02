"""``indexcache observe``: write an installer's observed behaviour into a scenario."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_lines, write_text
from pytest_indexcache.cli.terminal.parsers import (
    NAME_HELP,
    SPEC_HELP,
    add_command,
    add_containment,
    add_transport,
    add_trust,
)

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.run.observations import Observed

DESCRIPTION: Final = """\
The scenario is played, and the results are shown as a diff: the file as it would be if
each step expected what was seen. Expectations that hold and comments are kept. With
--write, the file is changed; then remove the expectations that do not matter.

  indexcache observe my-report.toml --installer uv==0.8.11
  indexcache observe my-report.toml --installer uv==0.8.11 --write
"""
_COLOURS: Final = {"+": "32", "-": "31", "@": "36"}


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache observe``."""
    summary = "write the observed behaviour of an installer into a scenario as its expectations"
    parser = add_command(commands, "observe", run, summary, DESCRIPTION)
    parser.add_argument("scenario", metavar="FILE", help=f"a scenario, or {NAME_HELP}")
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        default="reference",
        help=SPEC_HELP,
    )
    parser.add_argument("--write", action="store_true", help="write the file")
    add_transport(parser, ("inprocess", "wire"))
    add_containment(parser)
    add_trust(parser)


def run(chosen: argparse.Namespace) -> int:
    """Show how the scenario's expectations would change; with ``--write``, change the file."""
    from pytest_indexcache.cli.scenario_files.scenarios import find_file
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.scenario_files import shown_file
    from pytest_indexcache.system.text_files import write_text_file

    file = shown_file(find_file(chosen.scenario))
    if chosen.write and not Path(chosen.scenario).exists():
        raise CommandError(f"{chosen.scenario} is a name of the catalogue", "--write takes a file")
    before = _read(file)
    observed = _observed(chosen, file, before)
    sys.stdout.write("".join(f"{line}\n" for line in _difference(file, before, observed)))
    write_lines(sys.stderr, observed.withdrawn)
    if before == observed.text:
        write_text(
            sys.stderr, f"nothing to change: every step expects what {observed.installer} does"
        )
    elif not chosen.write:
        write_text(sys.stderr, "the file was not changed; --write changes it")
    else:
        if _read(file) != before:
            raise CommandError(f"{file} was changed while it was played", "run the command again")
        write_text_file(file, observed.text)
    return 0


def _read(file: Path) -> str:
    """Return the text of a file with its original line endings."""
    from pytest_indexcache.errors import CommandError

    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {reason}", "name the file of a scenario") from (
            error
        )


def _observed(chosen: argparse.Namespace, file: Path, text: str) -> Observed:
    """Play the scenario in temporary folders, and return its text with the observed results."""
    from tempfile import TemporaryDirectory

    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installer
    from pytest_indexcache.run.observations import observe
    from pytest_indexcache.run.plays.results import PlayResult
    from pytest_indexcache.run.session import PlaySession, transports_of
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario_files import is_trusted_file

    installer = create_installer(chosen.installer)
    demand_present(installer)
    (transport,) = transports_of(installer, chosen.transport)
    is_trusted = chosen.trust or is_trusted_file(file)
    with PlaySession(contained=ContainmentMode(chosen.contained)) as session:

        def play(scenario: Scenario) -> PlayResult:
            with TemporaryDirectory(
                prefix="indexcache-observe-", ignore_cleanup_errors=True
            ) as root:
                return session.play(
                    scenario,
                    str(file),
                    installer,
                    transport,
                    Path(root),
                    is_trusted=is_trusted,
                )

        return observe(text, file, play)


def _difference(file: Path, before: str, observed: Observed) -> Iterator[str]:
    """Yield the lines of a unified diff, in colour on a terminal."""
    from pytest_indexcache.cli.terminal.streams import wants_colour
    from pytest_indexcache.run.observations import difference

    is_coloured = wants_colour(sys.stdout)
    for line in difference(str(file), observed.installer, before, observed.text):
        colour = _COLOURS.get(line[:1]) if is_coloured and line[:3] not in ("+++", "---") else None
        yield f"\x1b[{colour}m{line}\x1b[0m" if colour else line
