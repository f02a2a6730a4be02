"""``indexcache serve``: serve a scenario's fake indexes to installers that the user runs."""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.index.indexes import FakeIndexes
    from pytest_indexcache.installers.contract.installer import Network
    from pytest_indexcache.messages import Exchange
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import AnyStep

DESCRIPTION: Final = """\
Every program that is started with the printed environment variables finds the indexes
there, and can reach no other host. Each request is printed as a line on stderr. No
command of the scenario is run. Enter makes the next change that a step makes to an
index; Ctrl-C ends the command, with exit code 0.

  indexcache serve uv-15303-cpu
  indexcache serve my-report.toml --step 3

The variables also name temporary caches, which are removed at the end: responses of a
fake index must not get into the caches of the user.
"""
_CACHES: Final = ("UV_CACHE_DIR", "PIP_CACHE_DIR", "POETRY_CACHE_DIR", "PDM_CACHE_DIR")


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache serve``."""
    summary = "serve the fake indexes of a scenario at their real URLs"
    parser = add_command(commands, "serve", run, summary, DESCRIPTION)
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument(
        "--step",
        type=int,
        default=1,
        metavar="N",
        help="serve the indexes as they are when this step begins (default: the first)",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="pass requests on to the servers of this machine that the file names",
    )


def run(chosen: argparse.Namespace) -> int:
    """Serve the indexes of a scenario until Ctrl-C."""
    from pytest_indexcache.cli.commands.by_hand.index_states import demand_step, indexes_before
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario
    from pytest_indexcache.index.previews.filled_files import filled
    from pytest_indexcache.index.wire.gateway import Gateway
    from pytest_indexcache.installers.contract.installer import Network
    from pytest_indexcache.run.plays.transports import served

    named = find_scenario(chosen.scenario, trust=chosen.trust, is_played=False)
    scenario = filled(named.scenario)
    demand_step(scenario, chosen.step)
    indexes = indexes_before(scenario, chosen.step)
    log = _RequestLog()
    with TemporaryDirectory(prefix="indexcache-serve-", ignore_cleanup_errors=True) as folder:
        gateway = Gateway(clock=time.time)
        with (
            gateway,
            served(indexes, scenario, is_trusted=named.is_trusted) as handler,
            gateway.serving(handler, log.record),
        ):
            network = Network(time.time, proxy_url=gateway.proxy_url, ca_file=gateway.ca_file)
            lines = [*_head(scenario), *_exports(network, Path(folder))]
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
            with suppress(KeyboardInterrupt):
                _wait(indexes, scenario.steps[chosen.step - 1 :])
    sys.stderr.write(f"{log.count} {'request' if log.count == 1 else 'requests'}\n")
    return 0


class _RequestLog:
    """Prints and counts exchanges."""

    def __init__(self) -> None:
        self.count = 0

    def record(self, exchange: Exchange) -> None:
        """Print an exchange's method, status, kind and URL to stderr, and count the exchange."""
        self.count += 1
        about = exchange.subject.kind or "refused"
        line = f"{exchange.method} {exchange.status} {about} {exchange.url}"
        sys.stderr.write(f"{printable(line)}\n")
        sys.stderr.flush()


def _head(scenario: Scenario) -> Iterator[str]:
    yield f"# {printable(scenario.title)}"
    for name, index in scenario.indexes.items():
        yield f"# index {printable(name)}: {printable(index.url)}"
    yield "# served until Ctrl-C; paste these lines into another shell"


def _exports(network: Network, folder: Path) -> Iterator[str]:
    """Yield shell commands that set the environment variables a client needs."""
    from pytest_indexcache.installers.processes.isolation import network_variables

    caches = {name: str(folder / name.partition("_")[0].lower()) for name in _CACHES}
    for name, value in {**network_variables(network), **caches}.items():
        yield f"export {name}={shlex.quote(value)}"


def _wait(indexes: FakeIndexes, steps: tuple[AnyStep, ...]) -> None:
    """Wait for Ctrl-C.

    On a terminal, Enter applies the next step that changes an index.
    """
    from pytest_indexcache.cli.commands.by_hand.index_states import change_index
    from pytest_indexcache.cli.scenario_text import step_sentence
    from pytest_indexcache.scenario.tables.steps import EdgeStep, IndexStep

    changes = [step for step in steps if isinstance(step, IndexStep | EdgeStep)]
    if sys.stdin.isatty():
        while changes:
            following = printable(step_sentence(changes[0]))
            write_text(sys.stderr, f"Enter will {following}")
            if not sys.stdin.readline():
                return
            change_index(indexes, changes.pop(0))
    threading.Event().wait()
