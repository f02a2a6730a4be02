"""The HTTP cache as a transport of httpx, before a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from pytest_indexcache.errors import OfflineError
from pytest_indexcache.messages import Request
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.transport import CacheTransport

from .scripted_server import Answer, ScriptedServer, serving

NOW = 1_700_000_000.0
FOR_TEN_MINUTES = {"Cache-Control": "max-age=600", "ETag": '"1"'}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Run a server that answers with a page that is fresh for ten minutes."""
    with serving(lambda _: Answer(fields=dict(FOR_TEN_MINUTES), body=b"page")) as running:
        yield running


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """Make a client with a cache in an own folder."""
    transport = CacheTransport(httpx.HTTPTransport(), directory=tmp_path, clock=lambda: NOW)
    with httpx.Client(transport=transport) as made:
        yield made


def source(response: httpx.Response) -> object:
    """Tell where a response came from."""
    return response.extensions["cache_source"]


def test_a_second_get_is_answered_without_the_server(
    server: ScriptedServer, client: httpx.Client
) -> None:
    """One request goes out; the second response has the same head and body, and an Age."""
    first, second = client.get(server.url), client.get(server.url)
    assert (source(first), source(second)) == ("network", "store")
    assert first.text == second.text == "page"
    assert second.headers["ETag"] == '"1"'
    assert "Age" in second.headers
    assert len(server.requests) == 1


def test_a_304_on_the_wire_gives_the_stored_body(
    server: ScriptedServer, client: httpx.Client
) -> None:
    """The condition goes out, 304 comes back, the caller sees 200, on one connection."""

    def answer(request: Request) -> Answer:
        fields = {"Cache-Control": "no-cache", "ETag": '"1"'}
        return Answer(304 if request.is_conditional else 200, fields, b"page")

    server.answer = answer
    client.get(server.url)
    again = client.get(server.url)
    assert (again.status_code, again.text, source(again)) == (200, "page", "validated")
    assert server.requests[1].headers.get("If-None-Match") == '"1"'
    assert len(server.connections) == 1


def test_no_store_leaves_nothing_on_the_disk(
    server: ScriptedServer, client: httpx.Client, tmp_path: Path
) -> None:
    """What download.pytorch.org said of its wheels is obeyed."""
    fields = {"Cache-Control": "no-cache,no-store,must-revalidate"}
    server.answer = lambda _: Answer(fields=fields, body=b"wheel")
    client.get(server.url)
    assert source(client.get(server.url)) == "network"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_override_of_one_request_is_put_on_its_response(
    server: ScriptedServer, client: httpx.Client
) -> None:
    """The server does not see it; the response is stored in spite of no-store."""
    server.answer = lambda _: Answer(fields={"Cache-Control": "no-store"}, body=b"wheel")
    extensions = {"cache": CacheOptions(override="max-age=365000000, immutable")}
    client.get(server.url, extensions=extensions)
    again = client.get(server.url, extensions=extensions)
    assert source(again) == "store"
    assert again.headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in server.requests[0].headers


def test_offline_needs_no_server(client: httpx.Client) -> None:
    """After the server is gone the stored response answers, and nothing else does."""
    offline = {"cache": CacheOptions(offline=True)}
    stale = {"Cache-Control": "max-age=0, must-revalidate"}
    with serving(lambda _: Answer(fields=stale, body=b"page")) as server:
        client.get(f"{server.url}/a")
    assert client.get(f"{server.url}/a", extensions=offline).text == "page"
    with pytest.raises(OfflineError, match="/b is not stored"):
        client.get(f"{server.url}/b", extensions=offline)


def test_failures_of_httpx_come_through(server: ScriptedServer, client: httpx.Client) -> None:
    """A connection that breaks before or within the body is the error that httpx makes of it."""
    server.answer = lambda _: Answer(reset=True)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(server.url)
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=b"x" * 1000, cut_after=10)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(server.url)
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=b"whole")
    assert client.get(server.url).text == "whole"


def test_other_methods_pass_with_their_bodies(server: ScriptedServer, client: httpx.Client) -> None:
    """A POST reaches the server whole, and invalidates what is stored."""
    client.get(server.url)
    client.post(server.url, content=iter([b"stre", b"amed"]), headers={"Content-Length": "8"})
    assert server.requests[-1].body == b"streamed"
    assert source(client.get(server.url)) == "network"


def test_a_get_with_content_passes_the_cache_by(
    server: ScriptedServer, client: httpx.Client
) -> None:
    """Its response may depend on the content, which is no part of the key."""
    for content in (b"a", b"b"):
        assert source(client.request("GET", server.url, content=content)) == "network"
    assert [request.body for request in server.requests] == [b"a", b"b"]
    assert source(client.get(server.url)) == "network"


def test_a_password_in_the_url_is_not_written_down(
    server: ScriptedServer, client: httpx.Client, tmp_path: Path
) -> None:
    """Neither the URL's user nor what the response varies on."""
    fields = {**FOR_TEN_MINUTES, "Vary": "Authorization"}
    server.answer = lambda _: Answer(fields=fields, body=b"page")
    url = server.url.replace("//", "//user:secret@")
    assert [source(client.get(url)) for _ in range(2)] == ["network", "store"]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"secret" not in stored
    assert b"dXNlcjpzZWNyZXQ" not in stored


def test_compressed_bodies_are_stored_as_they_came(
    server: ScriptedServer, client: httpx.Client
) -> None:
    """The client undoes the coding of a stored response as of any other."""
    import gzip

    fields = {**FOR_TEN_MINUTES, "Content-Encoding": "gzip"}
    server.answer = lambda _: Answer(fields=fields, body=gzip.compress(b"page" * 100))
    assert [client.get(server.url).text for _ in range(2)] == ["page" * 100] * 2


def test_a_large_body_is_streamed_both_ways(server: ScriptedServer, client: httpx.Client) -> None:
    """Bodies come in pieces from the network and from the store."""
    body = bytes(range(256)) * 8192
    server.answer = lambda _: Answer(fields=FOR_TEN_MINUTES, body=body)
    for expected in ("network", "store"):
        with client.stream("GET", server.url) as response:
            pieces = list(response.iter_raw())
        assert source(response) == expected
        assert b"".join(pieces) == body
        assert max(map(len, pieces)) <= 1 << 17


def test_threads_share_a_cache(server: ScriptedServer, client: httpx.Client) -> None:
    """Many requests at once, for few URLs, each get a whole and right body."""
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
