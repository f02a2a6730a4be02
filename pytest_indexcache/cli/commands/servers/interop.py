"""``indexcache interop``: play a fixed set of scenarios on real servers with real installers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import SPEC_HELP, add_command, add_containment
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
Each server is installed from PyPI into a folder of INDEXCACHE_HOME, and started on
loopback for each play, with the files of the scenario. A table shows each scenario,
server and installer, and below it the cause of each play that did not pass. A dash
stands for a play that the server or the installer does not support.

  indexcache interop --server devpi --installer uv --installer pip
  indexcache interop --server devpi==6.20.3 --installer pip --scenario warm

Exit code 1 means that a play did not pass. Servers run as you do and are not contained.
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache interop``."""
    summary = "play a fixed set of scenarios with real servers and installers"
    parser = add_command(commands, "interop", run, summary, DESCRIPTION)
    parser.add_argument(
        "--server",
        action="append",
        metavar="SPEC",
        help="devpi, pypiserver, or a release such as devpi==6.20.3; may be repeated (default: "
        "both)",
    )
    parser.add_argument(
        "--installer",
        action="append",
        metavar="SPEC",
        help=f"{SPEC_HELP}; may be repeated",
    )
    parser.add_argument(
        "--scenario",
        action="append",
        metavar="NAME",
        help="bytes, cold, credentials, offline, publish, ranges, replace, warm or yank (default: "
        "all); may be repeated",
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the table in Markdown; - for stdout"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the plays as JSON; - for stdout"
    )
    add_containment(parser)


def run(chosen: argparse.Namespace) -> int:
    """Play the scenarios and show the results; return 1 if a play did not pass."""
    from pytest_indexcache.cli.commands.servers.interop_text import interop_lines, interop_markdown
    from pytest_indexcache.cli.terminal.outputs import STDOUT, demand_outputs, write_output
    from pytest_indexcache.cli.terminal.streams import terminal_width
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.installers.provisioning.home import cache_home
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_distinct_installers
    from pytest_indexcache.run.interop.rounds import SERVERS, create_server, play_interop
    from pytest_indexcache.run.plays.results import Verdict
    from pytest_indexcache.run.session import PlaySession

    demand_outputs({"--markdown": chosen.markdown, "--json": chosen.json})
    names = _names(chosen.scenario)
    installers = create_distinct_installers(chosen.installer or ["reference"])
    demand_present(*installers)
    servers = [create_server(spec, cache_home()) for spec in chosen.server or SERVERS]
    plays = []
    with PlaySession(contained=ContainmentMode(chosen.contained)) as session:
        for play in play_interop(session, servers, installers, names):
            sys.stderr.write(
                f"{printable(play.server)}  {printable(play.installer)}  {play.scenario}  "
                f"{play.result.verdict}\n"
            )
            plays.append(play)
    stream = sys.stderr if STDOUT in (chosen.markdown, chosen.json) else sys.stdout
    stream.write("".join(f"{line}\n" for line in interop_lines(plays, terminal_width())))
    write_output(chosen.markdown, interop_markdown(plays))
    write_output(chosen.json, json.dumps([play.to_json() for play in plays], indent=1) + "\n")
    is_fine = all(play.result.verdict in (Verdict.PASSED, Verdict.SKIPPED) for play in plays)
    return 0 if is_fine else 1


def _names(chosen: list[str] | None) -> list[str]:
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.run.interop.rounds import standing_scenarios

    known = list(standing_scenarios())
    for name in chosen or ():
        if name not in known:
            raise CommandError(
                f"there is no scenario {name!r}", f"the scenarios are: {', '.join(known)}"
            )
    return list(dict.fromkeys(chosen or known))
