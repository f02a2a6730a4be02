"""Consecutive plays at one gateway, and the state after each play."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import Delivery, Exchange, HostPort, Response

from .small_index import RepeatedContent, SmallIndex, respond, wait_until
from .wire_client import WireClient

GET = "GET /x HTTP/1.1\r\nHost: index.example\r\n\r\n"
GET_BY_PROXY = "GET http://index.example/x HTTP/1.1\r\nHost: index.example\r\n\r\n"


def open_files() -> int:
    """Count the open files of this process, including its sockets."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


HANGING = {
    "says nothing": "",
    "half a request line": "GET http://inde",
    "half a head": "GET http://index.example/x HTTP/1.1\r\nHost: in",
    "half a body": "PUT http://index.example/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nbody",
    "half a chunk": (
        "PUT http://index.example/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbody"
    ),
    "a tunnel without TLS": "CONNECT index.example:443 HTTP/1.1\r\n\r\n",
    "half a handshake": "CONNECT index.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01",
    "an idle connection": GET_BY_PROXY,
    "a delayed response": "GET http://index.example/slow HTTP/1.1\r\n\r\n",
    "a body that nobody reads": "GET http://index.example/big HTTP/1.1\r\n\r\n",
}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files in /proc")
@pytest.mark.parametrize("said", HANGING.values(), ids=HANGING)
def test_end_of_a_play_ends_every_connection(
    index: SmallIndex, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """After a play, a client that hangs holds no thread and no socket of the gateway."""
    ledger = list[Exchange]()
    index.responses["/slow"] = respond(b"page", delivery=Delivery(delay=3600.0))
    index.responses["/big"] = Response(200, content=RepeatedContent(1 << 40))
    threads, files = set(threading.enumerate()), open_files()
    with serve(index, record=ledger.append, clock=time.time) as gateway:
        clients = [WireClient(gateway) for _ in range(3)]
        for client in clients:
            client.send(said)
        asks = said.startswith("GET") and said.endswith("\r\n\r\n")
        wait_until(lambda: not asks or len(index.seen) == len(clients))
    recorded = len(ledger)
    assert set(threading.enumerate()) == threads
    for client in clients:
        client.socket.close()
    assert open_files() == files
    threading.Event().wait(0.02)
    assert len(ledger) == recorded == (3 if asks else 0)
    assert all(e.sent < e.length for e in ledger if e.url.endswith("/big"))
    assert all(e.status is None for e in ledger if e.url.endswith("/slow"))
    assert capfd.readouterr() == ("", "")


def test_one_play_leaves_nothing_to_the_next(index: SmallIndex) -> None:
    """After a play, its connections are closed, and its port is not used by a later play."""
    first, second = list[Exchange](), list[Exchange]()
    with Gateway(clock=time.time) as gateway:
        with gateway.serving(index, first.append):
            earlier = gateway.proxy_url
            tunnel, idle = WireClient(gateway), WireClient(gateway)
            tunnel.connect("index.example")
            tunnel.start_tls("index.example")
            tunnel.send(GET)
            tunnel.receive_head()
        ca_file = gateway.ca_file
        with gateway.serving(
            SmallIndex(frozenset({HostPort("other.example", 443)})), second.append
        ):
            assert gateway.ca_file == ca_file
            assert gateway.proxy_url != earlier
            for client, request in ((tunnel, GET), (idle, GET_BY_PROXY)):
                with pytest.raises((OSError, AssertionError)):  # noqa: PT012
                    client.send(request)
                    assert client.receive_all().startswith(b"HTTP/1.1 200")
                client.socket.close()
            port = int(earlier.rpartition(":")[2])
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 5)
            with WireClient(gateway) as client:
                assert client.connect("index.example").startswith("HTTP/1.1 403")
    assert [e.url for e in first] == ["https://index.example/x"]
    assert [e.url for e in second] == ["https://index.example:443"]


def test_gateway_serves_one_play_at_a_time(gateway: Gateway, index: SmallIndex) -> None:
    """A gateway that serves one play refuses to serve a second at the same time."""
    with (
        pytest.raises(GatewayError, match="another play"),
        gateway.serving(index, lambda _: None),
    ):
        pass
    assert gateway.proxy_url


def test_two_gateways_at_once_keep_their_ledgers_apart(index: SmallIndex) -> None:
    """Concurrent plays at two gateways have separate ledgers."""
    first, second = list[Exchange](), list[Exchange]()
    with (
        serve(index, record=first.append, clock=time.time) as one,
        serve(index, record=second.append, clock=time.time) as two,
    ):
        for gateway, count in ((one, 2), (two, 3)):
            settings = gateway.ssl_context()
            with httpx.Client(proxy=gateway.proxy_url, verify=settings) as client:
                for number in range(count):
                    client.get(f"https://index.example/{number}")
    assert (len(first), len(second)) == (2, 3)


def test_settling_waits_for_what_is_under_way(
    gateway: Gateway, index: SmallIndex, client: WireClient, ledger: list[Exchange]
) -> None:
    """``settle`` waits until an exchange has ended, for example because the client left."""
    assert gateway.settle()
    index.responses["/x"] = Response(200, content=RepeatedContent(1 << 40))
    client.send(GET_BY_PROXY)
    client.receive_head()
    assert not gateway.settle(0.02)
    client.socket.close()
    assert gateway.settle()
    assert len(ledger) == 1


def test_error_within_a_play_is_not_hidden_by_one_of_the_index(index: SmallIndex) -> None:
    """An exception in the body of ``serve`` is raised unchanged."""
    with (
        pytest.raises(KeyError, match="mine"),
        serve(index, record=lambda _: None, clock=time.time),
    ):
        raise KeyError("mine")


def test_record_that_breaks_is_raised_at_the_end(index: SmallIndex) -> None:
    """An exception in the record callback is raised when the gateway closes."""

    def record(exchange: Exchange) -> None:
        raise LookupError(exchange.url)

    with ExitStack() as stack:
        gateway = stack.enter_context(serve(index, record=record, clock=time.time))
        with WireClient(gateway) as client:
            client.send(GET_BY_PROXY)
            assert client.receive_all() == b""
        with pytest.raises(GatewayError, match="LookupError"):
            stack.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_gateway_without_a_socket_says_so(index: SmallIndex) -> None:
    """If the gateway cannot get a port, the error gives a remedy."""
    resource = pytest.importorskip("resource")
    with Gateway(clock=time.time) as gateway:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with (
                pytest.raises(GatewayError, match="no port"),
                gateway.serving(index, lambda _: None),
            ):
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
