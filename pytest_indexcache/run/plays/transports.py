"""Connect installers to the fake indexes through one of the two transports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from pytest_indexcache.index.exchanges.handler import Handler, Record
from pytest_indexcache.installers.contract.installer import Network

if TYPE_CHECKING:
    from pytest_indexcache.index.indexes import FakeIndexes
    from pytest_indexcache.index.wire.gateway import Gateway
    from pytest_indexcache.scenario.model import Scenario

Transport = Callable[[Handler, Record], AbstractContextManager[Network]]


_SPENT_OF_DELAYS: Final = 1 / 3


class _ForwardClock:
    """A clock for installers in this process, which skips time instead of waiting.

    ``sleep`` waits for a given number of seconds in real time. The clock is thread-safe.
    """

    def __init__(
        self, clock: Callable[[], float], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ahead = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """Return the time in seconds since the epoch, including all skipped time."""
        return self._clock() + self._ahead

    def skip(self, seconds: float) -> None:
        """Advance the clock without waiting."""
        with self._lock:
            self._ahead += seconds

    def hurry(self, seconds: float) -> None:
        """Wait for a third of a delay, and advance the clock by the rest.

        Simultaneous delays in several threads keep their order and their proportions.
        """
        spent = seconds * _SPENT_OF_DELAYS
        self._sleep(spent)
        self.skip(seconds - spent)


def in_process(
    clock: Callable[[], float], sleep: Callable[[float], None] = time.sleep
) -> Transport:
    """Return the transport that connects installers to the indexes within this process.

    The installer, the indexes and all connections share a clock. Waits return immediately, because
    the clock is advanced instead. Only slow responses take real time: ``sleep`` waits for a third
    of their delay.
    """
    from pytest_indexcache.index.inprocess import mount

    time_of_play = _ForwardClock(clock, sleep)

    @contextmanager
    def connect(handler: Handler, record: Record) -> Iterator[Network]:
        now = time_of_play.now
        transport = mount(handler, record=record, clock=now, sleep=time_of_play.hurry)
        yield Network(now, transport=transport, wait=time_of_play.skip)

    return connect


@contextmanager
def served(
    indexes: FakeIndexes, scenario: Scenario, *, is_trusted: bool = False
) -> Iterator[Handler]:
    """Yield the handler for a play, which serves fake indexes and the scenario's real servers.

    :raises FakeIndexError: if the scenario names a server but is not trusted
    """
    if all(index.upstream is None for index in scenario.indexes.values()):
        yield indexes
        return
    from pytest_indexcache.index.served_indexes import ServedIndexes
    from pytest_indexcache.index.upstreams.named_upstreams import upstreams_of

    with ServedIndexes(indexes, upstreams_of(scenario, is_trusted=is_trusted)) as handler:
        yield handler


def on_the_wire(gateway: Gateway, clock: Callable[[], float]) -> Transport:
    """Return the transport that connects installers through a running gateway.

    The first connection uses ``gateway``. While it is in use, each further connection gets its own
    gateway on a different port.
    """
    from pytest_indexcache.index.wire.gateway import Gateway

    @contextmanager
    def connect(handler: Handler, record: Record) -> Iterator[Network]:
        with ExitStack() as stack:
            own = gateway
            if gateway.is_serving:
                own = stack.enter_context(Gateway(clock=clock))
            stack.enter_context(own.serving(handler, record))
            yield Network(clock, proxy_url=own.proxy_url, ca_file=own.ca_file)

    return connect
