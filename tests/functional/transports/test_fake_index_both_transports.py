"""The fake indexes behind both transports: the same requests give the same ledgers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange, Headers
from pytest_indexcache.scenario.tables.changes import Fail
from pytest_indexcache.scenario.tables.indexes import Index

CPU = "https://download.pytorch.org/whl/cpu"
PYPI = "https://pypi.org/simple"
WHEEL = f"{CPU}/torch-2.8.0%2Bcpu-py3-none-any.whl"
JSON = "application/vnd.pypi.simple.v1+json"

TABLES: dict[str, dict[str, Any]] = {
    "cpu": {"url": CPU, "headers": "pytorch", "packages": {"torch": {"2.8.0+cpu": {}}}},
    "pypi": {
        "url": PYPI,
        "packages": {"padded": {"1": {"padding": "5 MB"}}, "six": {"1": {}}},
        "signed-urls": "https://signed.example/x",
        "users": {"me": "secret"},
    },
}

REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", f"{CPU}/torch/", {}),
    ("GET", f"{CPU}/torch/", {"Accept": JSON, "Accept-Encoding": "gzip"}),
    ("GET", f"{CPU}/Torch", {}),
    ("GET", f"{CPU}/torch/", {"Accept": "image/png"}),
    ("GET", f"{CPU}/none/", {}),
    ("HEAD", WHEEL, {}),
    ("GET", WHEEL, {"Range": "bytes=0-9"}),
    ("GET", WHEEL, {"Range": "bytes=-22"}),
    ("GET", WHEEL, {"Range": "bytes=999999-"}),
    ("GET", WHEEL, {"If-Modified-Since": "Fri, 01 Jan 2027 00:00:00 GMT"}),
    ("GET", f"{WHEEL}.metadata", {}),
    ("POST", WHEEL, {}),
    ("GET", f"{PYPI}/padded/", {}),
    ("GET", f"{PYPI}/padded/", {"Authorization": "Basic bWU6c2VjcmV0"}),
    ("GET", f"{PYPI}/", {"Authorization": "Basic bWU6c2VjcmV0"}),
    ("GET", "https://signed.example/x/padded-1-py3-none-any.whl?signature=none", {}),
    ("GET", "https://elsewhere.example/", {}),
]

WHEEL_FAULTS = [
    "status",
    "reset",
    "close",
    "cut",
    "wrong-hash",
    "wrong-length",
    "not-modified",
    "slow",
]


def make_indexes() -> FakeIndexes:
    """Return the indexes of the tests."""
    return FakeIndexes({name: Index.model_validate(table) for name, table in TABLES.items()})


@contextmanager
def entered(transport: str, served: FakeIndexes, ledger: list[Exchange]) -> Iterator[httpx.Client]:
    """Open a transport and a client for it."""
    if transport == "inprocess":
        mounted = mount(served, record=ledger.append, clock=lambda: 1.8e9)
        with httpx.Client(transport=mounted, trust_env=False) as client:
            yield client
        return
    with serve(served, record=ledger.append, clock=lambda: 1.8e9) as gateway:
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
        settings = {"proxy": gateway.proxy_url, "verify": gateway.ssl_context()}
        with httpx.Client(trust_env=False, limits=limits, **settings) as client:  # type: ignore[arg-type]
            yield client


def seen_by_a_client(transport: str) -> tuple[list[object], list[Exchange]]:
    """Send all requests, some with faults and one with a redirect; return their results."""
    served, ledger, seen = make_indexes(), list[Exchange](), list[object]()

    def put(client: httpx.Client, method: str, url: str, headers: dict[str, str]) -> None:
        try:
            response = client.request(method, url, headers=headers)
        except httpx.TransportError:
            seen.append("no response")
        else:
            seen.append((response.status_code, response.headers.multi_items(), response.content))

    with entered(transport, served, ledger) as client:
        client.headers = httpx.Headers({"User-Agent": "test"})
        for request in REQUESTS:
            put(client, *request)
        for how in WHEEL_FAULTS:
            served.apply(Fail.model_validate({"do": "fail", "index": "cpu", "how": how}))
            put(client, "GET", WHEEL, {})
        [padded] = [f.url for f in served["pypi"].files.values() if f.project == "padded"]
        signed = client.get(padded)
        seen.append((signed.status_code, signed.headers["Location"]))
        seen.append(len(client.get(signed.headers["Location"]).content))
    return seen, ledger


def comparable(exchange: Exchange) -> Exchange:
    """Return an exchange without the parts that a client or transport adds."""
    return replace(exchange, request_headers=Headers())


def test_both_ways_give_the_same_responses_and_the_same_ledger() -> None:
    """Responses, faults and ledgers are the same in process and on the wire."""
    inprocess, ledger = seen_by_a_client("inprocess")
    wire, wire_ledger = seen_by_a_client("wire")
    assert wire == inprocess
    assert inprocess.count("no response") == 4  # elsewhere, reset, cut
    refused = [exchange for exchange in wire_ledger if exchange.subject.refused]
    assert len(refused) == 1
    assert [comparable(e) for e in wire_ledger if not e.subject.refused] == [
        comparable(e) for e in ledger if not e.subject.refused
    ]
    assert [e.subject.fault for e in ledger if e.subject.fault] == WHEEL_FAULTS


@pytest.mark.parametrize("transport", ["inprocess", "wire"])
def test_many_connections_at_once_get_everything_whole(transport: str) -> None:
    """Sixteen threads download complete pages and wheels without an error."""
    served, ledger = make_indexes(), list[Exchange]()
    ready = threading.Barrier(16)
    login = {"Authorization": "Basic bWU6c2VjcmV0"}
    [padded] = [f.url for f in served["pypi"].files.values() if f.project == "padded"]

    def work(client: httpx.Client) -> list[int]:
        ready.wait()
        pages = [client.get(f"{PYPI}/{name}/", headers=login) for name in ("six", "padded")]
        wheels = [client.get(WHEEL), client.get(padded, follow_redirects=True)]
        return [len(response.content) for response in (*pages, *wheels)]

    with entered(transport, served, ledger) as client, ThreadPoolExecutor(16) as pool:
        lengths = list(pool.map(work, [client] * 16))
    assert lengths == [lengths[0]] * 16
    assert lengths[0][3] > 5_000_000
    assert sum(exchange.is_download for exchange in ledger) == 32
    assert not any(exchange.is_failed for exchange in ledger)


def test_fault_that_is_slow_keeps_the_client_waiting() -> None:
    """A slow fault delays only the first response."""
    served, ledger, delays = make_indexes(), list[Exchange](), list[float]()
    fail = {"do": "fail", "index": "cpu", "how": "slow", "seconds": 1.5}
    served.apply(Fail.model_validate(fail))
    mounted = mount(served, record=ledger.append, clock=time.time, sleep=delays.append)
    with httpx.Client(transport=mounted, trust_env=False) as client:
        assert [client.get(WHEEL).status_code for _ in range(2)] == [200, 200]
    assert delays == [1.5]
