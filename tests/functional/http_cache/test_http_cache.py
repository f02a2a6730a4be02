"""The HTTP cache over httpx connections, in front of a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.errors import ConnectionFailedError, OfflineError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin

from .scripted_server import Answer, ScriptedServer, serving

AS_USUAL = CacheOptions()
NOW = 1_700_000_000.0
FOR_TEN_MINUTES = {"Cache-Control": "max-age=600", "ETag": '"1"'}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Run a server that answers with a page that is fresh for ten minutes."""
    with serving(lambda _: Answer(fields=dict(FOR_TEN_MINUTES), body=b"page")) as running:
        yield running


@dataclass
class Got:
    """A response with its whole body."""

    status: int
    text: str
    source: str
    headers: Headers


@dataclass
class Client:
    """Sends requests through a cache in its own folder."""

    cache: HttpCache
    origin: HttpxOrigin

    def get(self, url: str, options: CacheOptions = AS_USUAL, method: str = "GET") -> Got:
        """Send a request and read the response."""
        response = self.cache.send(Request(method, url), self.origin.send, options)
        text = response.read().decode("latin-1")
        return Got(response.status, text, str(response.source), response.headers)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """Return a client with a cache in its own folder."""
    with closing(HttpxOrigin(trust_env=False)) as origin:
        yield Client(HttpCache(tmp_path, clock=lambda: NOW), origin)


def test_a_second_get_is_answered_without_the_server(
    server: ScriptedServer, client: Client
) -> None:
    """A fresh response is reused with the same head and body, and with an Age field."""
    first, second = client.get(server.url), client.get(server.url)
    assert (first.source, second.source) == ("network", "store")
    assert first.text == second.text == "page"
    assert second.headers.get("ETag") == '"1"'
    assert "Age" in second.headers
    assert len(server.requests) == 1


def test_a_304_on_the_wire_gives_the_stored_body(server: ScriptedServer, client: Client) -> None:
    """After a conditional request and a 304, the caller gets the stored body with status 200."""

    def answer(request: Request) -> Answer:
        fields = {"Cache-Control": "no-cache", "ETag": '"1"'}
        return Answer(304 if request.is_conditional else 200, fields, b"page")

    server.answer = answer
    client.get(server.url)
    again = client.get(server.url)
    assert (again.status, again.text, again.source) == (200, "page", "validated")
    assert server.requests[1].headers.get("If-None-Match") == '"1"'
    assert len(server.connections) == 1


def test_no_store_leaves_nothing_on_the_disk(
    server: ScriptedServer, client: Client, tmp_path: Path
) -> None:
    """A wheel that is sent with the no-store of download.pytorch.org is not written to disk."""
    fields = {"Cache-Control": "no-cache,no-store,must-revalidate"}
    server.answer = lambda _: Answer(fields=fields, body=b"wheel")
    client.get(server.url)
    assert client.get(server.url).source == "network"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_override_of_one_request_is_put_on_its_response(
    server: ScriptedServer, client: Client
) -> None:
    """An override causes a no-store response to be stored, and is not sent to the server."""
    server.answer = lambda _: Answer(fields={"Cache-Control": "no-store"}, body=b"wheel")
    options = CacheOptions(override="max-age=365000000, immutable")
    client.get(server.url, options)
    again = client.get(server.url, options)
    assert again.source == "store"
    assert again.headers.get("Cache-Control") == "no-store"
    assert "Cache-Control" not in server.requests[0].headers


def test_offline_needs_no_server(client: Client) -> None:
    """Without a server, offline requests are answered only from stored responses."""
    offline = CacheOptions(offline=True)
    stale = {"Cache-Control": "max-age=0, must-revalidate"}
    with serving(lambda _: Answer(fields=stale, body=b"page")) as server:
        client.get(f"{server.url}/a")
    assert client.get(f"{server.url}/a", offline).text == "page"
    with pytest.raises(OfflineError, match="/b is not stored"):
        client.get(f"{server.url}/b", offline)


def test_a_body_that_breaks_off_is_an_error_and_not_stored(
    server: ScriptedServer, client: Client
) -> None:
    """A truncated body is an error and is not stored; the next request succeeds."""
    server.answer = lambda _: Answer(reset=True)
    with pytest.raises(ConnectionFailedError):
        client.get(server.url)
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=b"x" * 1000, cut_after=10)
    with pytest.raises(ConnectionFailedError):
        client.get(server.url)
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=b"whole")
    assert client.get(server.url).text == "whole"


def test_another_method_makes_what_is_stored_worthless(
    server: ScriptedServer, client: Client
) -> None:
    """A POST reaches the server and invalidates the stored response."""
    client.get(server.url)
    client.get(server.url, method="POST")
    assert server.requests[-1].method == "POST"
    assert client.get(server.url).source == "network"


def test_a_validator_goes_back_with_the_bytes_that_it_came_with(
    server: ScriptedServer, client: Client
) -> None:
    """An entity tag is sent back byte for byte, even if not ASCII (RFC 9110 8.8.3, obs-text)."""
    server.answer = lambda _: Answer(fields={"Cache-Control": "no-cache", "ETag": '"\xe9"'})
    assert [client.get(server.url).status for _ in range(2)] == [200, 200]
    assert server.requests[1].headers.get("If-None-Match") == '"\xe9"'


def test_a_large_body_is_streamed_both_ways(server: ScriptedServer, client: Client) -> None:
    """A large body is streamed in pieces, both from the network and from the store."""
    body = bytes(range(256)) * 8192
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=body)
    for expected in ("network", "store"):
        with client.cache.send(Request("GET", server.url), client.origin.send) as response:
            pieces = list(response.chunks)
        assert response.source == expected
        assert b"".join(pieces) == body
        assert max(map(len, pieces)) <= 1 << 17


def test_threads_share_a_cache(server: ScriptedServer, client: Client) -> None:
    """Threads that request the same few URLs at once each get a complete and correct body."""
    start = threading.Barrier(8)

    def answer(request: Request) -> Answer:
        body = request.url.rpartition("/")[2].encode() * 50_000
        return Answer(fields={"Cache-Control": "max-age=600"}, body=body)

    def fetch(number: int) -> bool:
        if number < 8:
            start.wait()
        name = str(number % 3)
        return client.get(f"{server.url}/{name}").text == name * 50_000

    server.answer = answer
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(fetch, range(64)))
    assert len(server.requests) < 64
