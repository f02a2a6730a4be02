"""``indexcache shell``: serve a scenario's indexes, and open a shell in its workspace."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

from pytest_indexcache.cli.terminal.lines import text_width, write_lines, write_text
from pytest_indexcache.cli.terminal.parsers import (
    NAME_HELP,
    add_command,
    add_containment,
    add_trust,
)
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.installers.commands.adapter import CommandAdapter
    from pytest_indexcache.messages import Exchange
    from pytest_indexcache.scenario.model import Scenario

DESCRIPTION: Final = """\
The shell starts in the project's folder, with its own cache and home folder, and with
the installer on PATH. The indexes are served at their real URLs; no other host can be
reached. If the kernel supports it, the shell and all processes that it starts are
confined to the workspace. At the end, the requests that reached the indexes are
printed, and the workspace is removed.

  indexcache shell uv-15303-cpu --installer uv==0.8.11
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache shell``."""
    summary = "open a shell in the workspace of a scenario, with its indexes served"
    parser = add_command(commands, "shell", run, summary, DESCRIPTION)
    parser.add_argument("scenario", metavar="FILE", help=f"a scenario, or {NAME_HELP}")
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        required=True,
        help="the installer on PATH: uv==0.8.11, uv (on PATH), uv@PATH; or pip, poetry, pdm",
    )
    parser.add_argument(
        "--step",
        type=int,
        default=1,
        metavar="N",
        help="serve the indexes as they are when this step begins (default: the first)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the workspace, and print its path"
    )
    add_containment(parser)
    add_trust(parser)


def run(chosen: argparse.Namespace) -> int:
    """Open a shell, and print the recorded requests when it exits."""
    from pytest_indexcache.cli.commands.by_hand.index_states import demand_step
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario
    from pytest_indexcache.index.previews.filled_files import filled
    from pytest_indexcache.installers.commands.adapter import CommandAdapter
    from pytest_indexcache.installers.containment.modes import ContainmentMode, play_containment
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installer
    from pytest_indexcache.scenario.model.audience import own_words

    named = find_scenario(chosen.scenario, trust=chosen.trust, is_played=False)
    scenario = filled(named.scenario)
    demand_step(scenario, chosen.step)
    installer = create_installer(chosen.installer)
    demand_present(installer)
    if not isinstance(installer, CommandAdapter):
        raise CommandError(
            f"{installer.spec} is not a program that a shell can run",
            "choose uv, pip, poetry or pdm",
        )
    containment = play_containment(ContainmentMode(chosen.contained))
    containment.demand("" if named.is_trusted else own_words(scenario))
    root = Path(mkdtemp(prefix="indexcache-shell-"))
    head = [*_head(scenario, installer), f"# {containment.words}"]
    try:
        exchanges = _in_shell(
            chosen, scenario, installer, root, head, is_contained=containment.is_active
        )
    finally:
        if not chosen.keep:
            shutil.rmtree(root, ignore_errors=True)
    sys.stdout.write("".join(f"{line}\n" for line in _ledger(exchanges)))
    if chosen.keep:
        write_text(sys.stderr, f"workspace kept in {printable(str(root))}")
    return 0


def _in_shell(
    chosen: argparse.Namespace,
    scenario: Scenario,
    installer: CommandAdapter,
    root: Path,
    head: list[str],
    *,
    is_contained: bool,
) -> list[Exchange]:
    """Serve the indexes while the user works in a shell, and return the recorded exchanges."""
    from pytest_indexcache.cli.commands.by_hand.index_states import indexes_before
    from pytest_indexcache.index.wire.gateway import Gateway
    from pytest_indexcache.installers.contract.installer import Network, Workspace
    from pytest_indexcache.run.shells import prepare_shell

    indexes = indexes_before(scenario, chosen.step)
    exchanges: list[Exchange] = []
    gateway = Gateway(clock=time.time)
    with gateway, gateway.serving(indexes, exchanges.append):
        network = Network(time.time, proxy_url=gateway.proxy_url, ca_file=gateway.ca_file)
        workspace = Workspace(root, is_contained=is_contained)
        shell = prepare_shell(scenario, installer, workspace, network)
        write_lines(sys.stderr, head)
        sys.stderr.flush()
        # Ctrl-C is for the programs in the shell: they would inherit SIG_IGN, but not a handler.
        before = signal.signal(signal.SIGINT, _ignore)
        try:
            shell.run()
        finally:
            signal.signal(signal.SIGINT, before)
    return exchanges


def _ignore(*_: Any) -> None:
    """Ignore Ctrl-C, which the programs in the shell receive as well."""


def _head(scenario: Scenario, installer: CommandAdapter) -> Iterator[str]:
    from pytest_indexcache.cli.scenario_text import step_sentence
    from pytest_indexcache.run.shells import step_commands

    yield f"# {scenario.title}"
    yield f"# {installer.spec.name} {installer.version}; exit prints the requests"
    commands = step_commands(scenario, installer)
    for number, step in enumerate(scenario.steps, 1):
        command = commands.get(number)
        yield f"# step {number}: {command or step_sentence(step)}"


def _ledger(exchanges: list[Exchange]) -> Iterator[str]:
    from pytest_indexcache.reports.terminal import exchange_lines
    from pytest_indexcache.reports.words.wording import many
    from pytest_indexcache.run.plays.results import Traffic
    from pytest_indexcache.scenario.tables.fields import human_size

    if exchanges:
        yield from exchange_lines(exchanges, len(exchanges), width=text_width(sys.stdout))
    traffic = Traffic.of(exchanges)
    yield (
        f"{many(traffic.requests, 'request')}, {many(traffic.downloads, 'download')}, "
        f"nominally {human_size(traffic.nominal)}"
    )
