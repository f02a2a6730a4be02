"""The in-process transport, patched clients, and the memory that they release."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref

import httpx
import pytest

from pytest_indexcache.index.inprocess import mount, mounted
from pytest_indexcache.messages import Delivery, Exchange, Request, Response

from .small_index import BrokenIndex, RepeatedContent, SmallIndex, respond

URL = "https://index.example/whl/torch-2.8.0%2Bcpu-py3-none-any.whl"


def test_transport_serves_several_clients_one_after_another(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A transport can still be used after one of its clients was closed."""
    transport = mount(index, record=ledger.append, clock=time.time)
    for _ in range(2):
        with httpx.Client(transport=transport) as client:
            assert client.get(URL).text == f"GET {URL}"
    assert len(ledger) == 2


def test_transport_serves_asynchronous_clients(index: SmallIndex, ledger: list[Exchange]) -> None:
    """An asynchronous client gets the same responses and faults."""
    transport = mount(index, record=ledger.append, clock=time.time)
    index.responses["/cut"] = respond(b"0123456789", delivery=Delivery(cut_after=3))

    async def ask() -> None:
        assert isinstance(transport, httpx.AsyncBaseTransport)
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.get(URL)).text == f"GET {URL}"
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("https://index.example/cut")

    asyncio.run(ask())
    assert [(e.sent, e.length) for e in ledger] == [(len(f"GET {URL}"),) * 2, (3, 10)]


def test_clock_tells_the_time_of_handling_and_of_recording(ledger: list[Exchange]) -> None:
    """The times of exchanges come from the given clock."""
    times: list[float] = []

    class Watch(SmallIndex):
        def handle(self, request: Request, now: float) -> Response:
            times.append(now)
            return super().handle(request, now)

    transport = mount(Watch(), record=ledger.append, clock=iter([5.0, 7.0]).__next__)
    with httpx.Client(transport=transport) as client:
        client.get(URL)
    assert (times, ledger[0].at) == ([5.0], 7.0)


def test_delay_is_spent_in_the_sleep_that_is_given(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """The delay of a response is passed to the given sleep function."""
    slept: list[float] = []
    index.responses["/x"] = respond(b"page", delivery=Delivery(delay=3600.0))
    transport = mount(index, record=ledger.append, clock=time.time, sleep=slept.append)
    with httpx.Client(transport=transport, timeout=None) as client:
        assert client.get("https://index.example/x").text == "page"
    with (
        httpx.Client(transport=transport, timeout=2.0) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get("https://index.example/x")
    assert slept == [3600.0, 2.0]


def test_body_is_made_only_as_far_as_it_is_read(index: SmallIndex, ledger: list[Exchange]) -> None:
    """A body of a tebibyte is generated only as far as the client reads it."""
    index.responses["/x"] = Response(200, content=RepeatedContent(1 << 40))
    with (
        httpx.Client(transport=mount(index, record=ledger.append, clock=time.time)) as client,
        client.stream("GET", "https://index.example/x") as response,
    ):
        assert len(next(response.iter_raw())) == 1 << 16
    assert (ledger[0].sent, ledger[0].length) == (1 << 16, 1 << 40)


def test_response_that_is_closed_unread_is_recorded_as_unread(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A response that is closed unread is recorded once, with no bytes sent."""
    with (
        httpx.Client(transport=mount(index, record=ledger.append, clock=time.time)) as client,
        client.stream("GET", URL) as response,
    ):
        response.close()
    assert [(e.status, e.sent) for e in ledger] == [(200, 0)]


def test_every_client_of_the_process_meets_the_index(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """While mounted, the handler gets synchronous, asynchronous and module-level requests."""

    async def ask() -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(URL)).text

    with mounted(index, record=ledger.append, clock=time.time):
        assert httpx.get(URL).text == f"GET {URL}"
        with httpx.Client() as client:
            assert client.head(URL).content == b""
        assert asyncio.run(ask()) == f"GET {URL}"
    assert [e.method for e in ledger] == ["GET", "HEAD", "GET"]
    assert {e.url for e in ledger} == {URL}


def test_nothing_reaches_the_network_while_mounted(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """While mounted, a request to an unknown host is refused and recorded."""
    with (
        mounted(index, record=ledger.append, clock=time.time),
        pytest.raises(httpx.ConnectError),
    ):
        httpx.get("https://pypi.org/simple/")
    assert ledger[0].url == "https://pypi.org:443"
    assert ledger[0].subject.refused


def test_clients_are_their_own_again_afterwards(index: SmallIndex, ledger: list[Exchange]) -> None:
    """After the context ends, even by an exception, clients use the network again."""
    with (
        pytest.raises(KeyError),
        mounted(index, record=ledger.append, clock=time.time),
    ):
        raise KeyError
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9/", trust_env=False)
    assert not ledger


def test_error_of_the_handler_comes_out_of_a_patched_client(ledger: list[Exchange]) -> None:
    """An exception of a handler is not converted into a network error."""
    with (
        mounted(BrokenIndex(), record=ledger.append, clock=time.time),
        pytest.raises(ZeroDivisionError),
    ):
        httpx.get(URL)


def test_responses_are_forgotten_once_they_are_read(
    index: SmallIndex, ledger: list[Exchange]
) -> None:
    """After the client has read a response, request and response are not kept in memory."""
    transport = mount(index, record=ledger.append, clock=time.time)
    with httpx.Client(transport=transport) as client:
        responses = [weakref.ref(client.get(URL)) for _ in range(50)]
        gc.collect()
        assert not any(reference() for reference in responses)
