"""The clock of the in-process transport."""

from __future__ import annotations

import time

import httpx
import pytest

from pytest_indexcache.messages import (
    BytesContent,
    Delivery,
    Exchange,
    HostPort,
    Request,
    Response,
)
from pytest_indexcache.run.plays.transports import in_process

URL = "https://index.example/six"


class SlowIndex:
    """An index that answers each request after three seconds of its clock."""

    origins = frozenset({HostPort("index.example", 443)})

    def __init__(self) -> None:
        self.times: list[float] = []

    def handle(self, _request: Request, now: float) -> Response:
        """Answer after a delay."""
        self.times.append(now)
        return Response(200, content=BytesContent(b"six"), delivery=Delivery(delay=3.0))

    def is_reachable(self, _host: str) -> bool:
        """Accept every connection."""
        return True


def test_clock_of_a_play_in_process_is_put_forward() -> None:
    """Waits, and most of a slow answer's delay, advance the clock without taking time."""
    real, ledger, index = [1000.0], list[Exchange](), SlowIndex()

    def sleep(seconds: float) -> None:
        real[0] += seconds

    with in_process(lambda: real[0], sleep)(index, ledger.append) as network:
        network.wait(20.0)
        assert (real, network.clock()) == ([1000.0], 1020.0)
        with httpx.Client(transport=network.transport) as client:
            assert client.get(URL).text == "six"
        assert (real, network.clock()) == ([1001.0], 1023.0)
    assert index.times == [1020.0]


def test_all_connections_of_a_transport_have_one_clock() -> None:
    """Concurrent installers share the clock of the indexes."""
    connect = in_process(lambda: 1000.0)
    with (
        connect(SlowIndex(), list[Exchange]().append) as one,
        connect(SlowIndex(), list[Exchange]().append) as another,
    ):
        one.wait(2.0)
        assert another.clock() == pytest.approx(1002.0)


def test_time_moves_on_while_the_clock_is_ahead() -> None:
    """After it was advanced, the clock keeps running."""
    with in_process(time.time)(SlowIndex(), list[Exchange]().append) as network:
        network.wait(60.0)
        first = network.clock()
        assert first >= time.time() + 59.0
        assert network.clock() >= first
