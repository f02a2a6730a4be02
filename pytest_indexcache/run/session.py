"""Play scenarios one after another, for pytest, for a fixture or for a matrix."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from pytest_indexcache.index.exchanges.handler import Handler, Record
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.containment.kernel import KernelSupport
from pytest_indexcache.installers.containment.modes import ContainmentMode, play_containment
from pytest_indexcache.installers.contract.installer import Installer, Network
from pytest_indexcache.installers.registry import listed_in
from pytest_indexcache.run.causes.explain import explained
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process, on_the_wire
from pytest_indexcache.scenario.model import Scenario

if TYPE_CHECKING:
    from pytest_indexcache.index.wire.gateway import Gateway

IN_PROCESS: Final = "inprocess"
WIRE: Final = "wire"
TRANSPORTS: Final = (IN_PROCESS, WIRE, "both")

_SWEEPERS: Final = 2


def transports_of(installer: Installer, chosen: str) -> tuple[str, ...]:
    """Return the transports for plays with an installer; ``chosen`` may be ``both``.

    Only the reference installer supports ``inprocess``.
    """
    if not installer.is_embedded:
        return (WIRE,)
    return (IN_PROCESS, WIRE) if chosen == "both" else (chosen,)


class PlaySession:
    """Plays scenarios with installers; the gateway is opened when a play first needs it.

    ``contained`` is the mode of containment. ``kernel`` describes the kernel's support for
    containment; by default, this machine's kernel is examined. A session is a context manager, and
    not thread-safe.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        contained: ContainmentMode = ContainmentMode.AUTO,
        kernel: KernelSupport | None = None,
    ) -> None:
        self._clock = clock
        self._contained = contained
        self._kernel = kernel
        self._gateway: Gateway | None = None
        self._closing = ExitStack()
        self._sweepers: ThreadPoolExecutor | None = None

    def play(
        self,
        scenario: Scenario,
        name: str,
        installer: Installer,
        transport: str,
        root: Path,
        *,
        is_trusted: bool = False,
        make_indexes: Callable[[Scenario], FakeIndexes] | None = None,
    ) -> PlayResult:
        """Play a scenario in an empty folder, and return the result.

        ``name`` is the scenario's name in reports. ``transport`` is ``inprocess`` or ``wire``;
        running servers are always reached over the wire. With ``is_trusted``, the scenario's
        verbatim commands and files are played even without containment. ``make_indexes`` returns
        indexes that replace the scenario's fake indexes. Every error is turned into a verdict.
        """
        has_servers = any(index.upstream is not None for index in scenario.indexes.values())
        transport = WIRE if has_servers else transport
        connect = in_process(self._clock) if transport == IN_PROCESS else self._connect
        containment = play_containment(
            self._contained, is_embedded=installer.is_embedded, kernel=self._kernel
        )
        what = Play(
            scenario,
            name,
            installer,
            connect,
            transport,
            listed=listed_in(scenario, installer),
            explain=explained,
            containment=containment,
            is_trusted=is_trusted,
            make_indexes=make_indexes,
        )
        return play(what, root)

    def sweep(self, root: Path) -> None:
        """Remove the folder of a play in the background; closing the session waits for the removal.

        Files that cannot be removed are left behind.
        """
        if self._sweepers is None:
            self._sweepers = self._closing.enter_context(ThreadPoolExecutor(_SWEEPERS))
        self._sweepers.submit(shutil.rmtree, root, ignore_errors=True)

    @contextmanager
    def _connect(self, handler: Handler, record: Record) -> Iterator[Network]:
        if self._gateway is None:
            from pytest_indexcache.index.wire.gateway import Gateway

            self._gateway = self._closing.enter_context(Gateway(clock=self._clock))
        with on_the_wire(self._gateway, self._clock)(handler, record) as network:
            yield network

    def close(self) -> None:
        """Close the gateway, if it is open, and wait for the removal of folders."""
        self._closing.close()
        self._gateway = self._sweepers = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()
