"""Both transports to the fake indexes give the same responses and the same ledger."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from typing import Any

import httpx
import pytest

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.messages import BytesContent, Delivery, Exchange, Headers, Response

from .small_index import (
    TRANSPORTS,
    BrokenIndex,
    RepeatedContent,
    SmallIndex,
    enter,
    respond,
    wait_until,
)

INDEX = "https://index.example"


@pytest.fixture(params=TRANSPORTS)
def client(
    request: pytest.FixtureRequest, index: SmallIndex, ledger: list[Exchange]
) -> Iterator[httpx.Client]:
    """Return a client that reaches the index over one of the transports."""
    with enter(request.param, index, ledger.append) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_request_of_any_method_reaches_the_handler(
    client: httpx.Client, index: SmallIndex, method: str
) -> None:
    """The handler gets method, header fields and body of a request unchanged."""
    response = client.request(method, f"{INDEX}/x", headers={"X-Mark": "7"}, content=b"body")
    assert response.text == f"{method} {INDEX}/x"
    assert (index.seen[0].method, index.seen[0].body) == (method, b"body")
    assert index.seen[0].headers.get("x-mark") == "7"
    assert index.seen[0].headers.get("Host") == "index.example"


@pytest.mark.parametrize(
    "url",
    [
        f"{INDEX}/whl/torch-2.8.0%2Bcpu-py3-none-any.whl",
        f"{INDEX}//twice//",
        f"{INDEX}/a%2Fb/%C3%A9?q=%20&r=a+b&s=%2f",
        "https://files.example:8443/x",
        "http://index.example/simple/",
        "http://files.example:8080/%7Ex",
        INDEX + "/",
    ],
)
def test_url_arrives_as_it_was_sent(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange], url: str
) -> None:
    """The handler gets the URL with its percent-encoding, double slashes, query and port."""
    client.get(url)
    assert index.seen[0].url == url
    assert ledger[0].url == url


def test_response_goes_out_as_the_handler_made_it(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """Header fields keep their order, case and repeats, and only Content-Length is added."""
    response = respond(b"page")
    fields = (("ETag", 'W/"1"'), ("vary", "Accept"), ("Vary", "Accept-Encoding"), ("X-Name", "é"))
    index.responses["/x"] = replace(response, headers=replace(response.headers, fields=fields))
    raw = client.get(f"{INDEX}/x").headers.raw
    sent = [(name.encode(), value.encode()) for name, value in fields]
    assert raw == [*sent, (b"Content-Length", b"4")]
    assert ledger[0].response_headers.fields == fields


def test_line_break_in_a_field_makes_no_second_field(
    client: httpx.Client, index: SmallIndex
) -> None:
    """A header value with a line break is sent as one line."""
    index.responses["/x"] = respond(b"", X_Name="a\r\nX-Other: b")
    headers = client.get(f"{INDEX}/x").headers
    assert headers["x-name"] == "a  X-Other: b"
    assert "x-other" not in headers


def test_head_has_the_length_but_no_body(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A response to HEAD has the Content-Length of the body, but no body."""
    index.responses["/x"] = respond(b"0123456789")
    response = client.head(f"{INDEX}/x")
    assert (response.headers["Content-Length"], response.content) == ("10", b"")
    assert client.get(f"{INDEX}/x").content == b"0123456789"
    assert [(e.method, e.sent, e.length) for e in ledger] == [("HEAD", 0, 10), ("GET", 10, 10)]
    assert not ledger[0].is_failed


def test_304_has_its_fields_and_no_body(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A 304 keeps the Last-Modified and Content-Type that the index sets."""
    stamp = "Thu, 27 Jan 2022 19:11:45 GMT"
    index.responses["/x"] = respond(status=304, Last_Modified=stamp, Content_Type="text/html")
    response = client.get(f"{INDEX}/x")
    assert response.status_code == 304
    assert dict(response.headers) == {"last-modified": stamp, "content-type": "text/html"}
    assert ledger[0].is_revalidated
    assert not ledger[0].is_failed


def test_range_is_as_the_handler_gives_it(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A 206 response has the content and the Content-Length of the range."""
    index.responses["/x"] = respond(b"345", status=206, Content_Range="bytes 3-5/10")
    response = client.get(f"{INDEX}/x", headers={"Range": "bytes=3-5"})
    assert (response.status_code, response.content) == (206, b"345")
    assert response.headers["Content-Range"] == "bytes 3-5/10"
    assert ledger[0].is_range
    assert (ledger[0].sent, ledger[0].length) == (3, 3)


def test_chunked_body_comes_whole_without_a_length(client: httpx.Client, index: SmallIndex) -> None:
    """A chunked response has no Content-Length, and its body is complete."""
    index.responses["/x"] = respond(b"x" * 70_000, Transfer_Encoding="chunked", Content_Length="3")
    for _ in range(2):
        response = client.get(f"{INDEX}/x")
        assert response.content == b"x" * 70_000
        assert "Content-Length" not in response.headers


def test_reset_is_an_error_and_no_response(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A reset is an error for the client, and its exchange is recorded without a status."""
    index.responses["/x"] = respond(b"0123456789", delivery=Delivery(drops="reset"))
    # Within TLS, Python 3.11 takes a reset for an end of the connection.
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get(f"{INDEX}/x")
    assert (ledger[0].status, ledger[0].sent, ledger[0].length) == (None, 0, 10)
    assert client.get(f"{INDEX}/y").status_code == 200


@pytest.mark.parametrize("cut_after", [0, 3])
@pytest.mark.parametrize("coding", [Headers(), Headers((("Transfer-Encoding", "chunked"),))])
def test_cut_body_breaks_off_after_so_many_bytes(
    client: httpx.Client,
    index: SmallIndex,
    ledger: list[Exchange],
    cut_after: int,
    coding: Headers,
) -> None:
    """A client gets the bytes of a body before the cut, and then an error."""
    delivery = Delivery(cut_after=cut_after)
    content = BytesContent(b"0123456789")
    index.responses["/x"] = Response(200, coding, content, delivery)
    with client.stream("GET", f"{INDEX}/x") as response:
        pieces = response.iter_raw(1)
        assert b"".join(islice(pieces, cut_after)) == b"0123456789"[:cut_after]
        with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
            next(pieces)
    assert (ledger[0].status, ledger[0].sent, ledger[0].length) == (200, cut_after, 10)
    assert client.get(f"{INDEX}/y").status_code == 200


def test_length_that_promises_too_much_breaks_off(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A body shorter than its Content-Length is an error for the client."""
    index.responses["/x"] = respond(b"0123456789", Content_Length="12")
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes, expected 12"):
        client.get(f"{INDEX}/x")
    assert (ledger[0].sent, ledger[0].length) == (10, 10)


def test_length_that_promises_too_little_ends_the_body(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A body longer than its Content-Length is cut at that length."""
    index.responses["/x"] = respond(b"0123456789", Content_Length="4")
    assert client.get(f"{INDEX}/x").content == b"0123"
    assert (ledger[0].sent, ledger[0].length) == (4, 10)
    assert client.get(f"{INDEX}/y").status_code == 200


def test_slow_response_is_given_up_by_an_impatient_client(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A client with a shorter timeout than the delay gets a timeout and no response."""
    index.responses["/x"] = respond(b"page", delivery=Delivery(delay=30.0))
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{INDEX}/x", timeout=httpx.Timeout(5.0, read=0.05))
    wait_until(lambda: ledger)  # the gateway sees the client leave a moment later
    assert (ledger[0].status, ledger[0].sent, ledger[0].length) == (None, 0, 4)


def test_slow_response_comes_after_its_delay(client: httpx.Client, index: SmallIndex) -> None:
    """A client that waits long enough for a slow response gets the whole response."""
    index.responses["/x"] = respond(b"page", delivery=Delivery(delay=0.05))
    assert client.get(f"{INDEX}/x").text == "page"


@pytest.mark.parametrize("after", [0, 1, 3, 4, 99])
def test_response_that_stops_in_its_body_comes_whole(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange], after: int
) -> None:
    """A client that waits gets the bytes before and those after a pause in the body."""
    delivery = Delivery(delay=0.05, pause_after=after)
    index.responses["/x"] = respond(b"page", delivery=delivery)
    assert client.get(f"{INDEX}/x").text == "page"
    assert (ledger[0].status, ledger[0].sent) == (200, 4)


def test_response_that_stops_in_its_body_is_given_up_by_an_impatient_client(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """If a client times out in a pause of the body, the bytes before the pause are recorded."""
    index.responses["/x"] = respond(b"page", delivery=Delivery(delay=30.0, pause_after=3))
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{INDEX}/x", timeout=httpx.Timeout(5.0, read=2.0))
    wait_until(lambda: ledger)
    assert (ledger[0].status, ledger[0].sent, ledger[0].length) == (200, 3, 4)


@pytest.mark.parametrize(
    ("url", "method", "recorded"),
    [
        ("https://pypi.org/simple/", "CONNECT", "https://pypi.org:443"),
        ("https://pypi.org:8443/simple/", "CONNECT", "https://pypi.org:8443"),
        ("http://pypi.org/simple/", "GET", "http://pypi.org/simple/"),
    ],
)
def test_unknown_host_is_refused_and_recorded(
    client: httpx.Client,
    index: SmallIndex,
    ledger: list[Exchange],
    url: str,
    method: str,
    recorded: str,
) -> None:
    """A request for a host outside the scenario is refused and recorded."""
    with pytest.raises(httpx.TransportError):
        client.get(url)
    assert [(e.method, e.url, e.status) for e in ledger] == [(method, recorded, None)]
    assert ledger[0].subject.refused == "no index of the scenario is at 'pypi.org'"
    assert not index.seen


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_host_that_is_down_is_out_of_reach_until_it_is_up(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange], scheme: str
) -> None:
    """A host that is down gives a connection error instead of a refusal, until it is up again."""
    index.down.add("index.example")
    with pytest.raises(httpx.TransportError):
        client.get(f"{scheme}://index.example/x")
    assert (ledger[0].status, ledger[0].subject.fault) == (None, "down")
    assert ledger[0].subject.refused is None
    index.down.clear()
    assert client.get(f"{scheme}://index.example/x").status_code == 200


def test_whole_response_is_always_recorded_already(
    client: httpx.Client, ledger: list[Exchange]
) -> None:
    """When the client has the last byte of a response, the exchange is already in the ledger."""
    for number in range(1, 301):
        client.get(f"{INDEX}/{number}")
        assert len(ledger) == number
    assert [e.url for e in ledger] == [f"{INDEX}/{number}" for number in range(1, 301)]


def test_client_that_breaks_off_gets_less_than_the_length(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """The rest of a body is not sent after the client stops reading."""
    index.responses["/x"] = Response(200, content=RepeatedContent(50_000_000))
    with client.stream("GET", f"{INDEX}/x") as response:
        next(response.iter_raw(1000))
    wait_until(lambda: ledger)  # the gateway sees the client leave a moment later
    assert 0 < ledger[0].sent < ledger[0].length
    assert not ledger[0].is_complete


def test_large_body_is_never_held(client: httpx.Client, index: SmallIndex) -> None:
    """A body of 200 MB is sent with only a few MB of memory."""
    index.responses["/x"] = Response(200, content=RepeatedContent(200_000_000))
    client.get(f"{INDEX}/warm-up")
    tracemalloc.start()
    with client.stream("GET", f"{INDEX}/x") as response:
        received = sum(len(piece) for piece in response.iter_raw())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert received == 200_000_000
    assert peak < 8_000_000


def test_large_request_body_is_cut_to_a_mebibyte(client: httpx.Client, index: SmallIndex) -> None:
    """A handler gets the first MiB of a request body, and the connection can be used again."""
    body = b"x" * 5_000_000
    assert client.post(f"{INDEX}/x", content=body).status_code == 200
    assert client.post(f"{INDEX}/y", content=iter([body])).status_code == 200
    assert [len(request.body) for request in index.seen] == [1 << 20, 1 << 20]


def test_sixteen_threads_at_once_are_served_and_recorded_one_at_a_time(
    client: httpx.Client, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """Each request of 16 concurrent threads is answered, and is recorded once."""
    index.responses["/wheel"] = respond(b"w" * 300_000)

    def ask(number: int) -> int:
        assert client.get(f"{INDEX}/{number}").text == f"GET {INDEX}/{number}"
        return len(client.get("https://files.example/wheel").content)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(160))) == [300_000] * 160
    assert len(ledger) == 320
    assert sum(e.sent for e in ledger if e.url.endswith("/wheel")) == 160 * 300_000


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_record_is_called_by_one_thread_at_a_time(index: SmallIndex, transport: str) -> None:
    """The record callback is never called by two threads at the same time."""
    busy, overlaps = threading.Lock(), []

    def record(exchange: Exchange) -> None:
        overlaps.append(not busy.acquire(blocking=False))
        threading.Event().wait(0.001)
        busy.release()

    with enter(transport, index, record) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: client.get(f"{INDEX}/{n}"), range(40)))
    assert overlaps == [False] * 40


def test_error_of_the_handler_reaches_the_client_in_process() -> None:
    """In process, an exception of the handler is raised in the client."""
    with (
        enter("inprocess", BrokenIndex(), lambda _: None) as client,
        pytest.raises(ZeroDivisionError),
    ):
        client.get(f"{INDEX}/x")


def test_error_of_the_handler_is_raised_when_the_gateway_closes() -> None:
    """On the wire, a handler's exception closes the connection, and is raised by the gateway."""
    with ExitStack() as stack:
        client = stack.enter_context(enter("wire", BrokenIndex(), lambda _: None))
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(f"{INDEX}/x")
        with pytest.raises(GatewayError, match="ZeroDivisionError"):
            stack.close()


def _play(transport: str) -> list[dict[str, Any]]:
    index, ledger = SmallIndex(), list[Exchange]()
    index.responses.update(
        {
            "/reset": respond(b"0123456789", delivery=Delivery(drops="reset")),
            "/cut": respond(b"0123456789", delivery=Delivery(cut_after=3)),
            "/304": respond(status=304, ETag='"1"'),
            "/short": respond(b"0123456789", Content_Length="4"),
        }
    )
    with enter(transport, index, ledger.append) as client:
        for path in ("/a%2Bb", "/reset", "/cut", "/304", "/short", "/b?c=d"):
            for method in ("GET", "HEAD"):
                try:
                    client.request(method, f"{INDEX}{path}")
                except httpx.TransportError:
                    continue
        for url in ("https://pypi.org/x", "http://pypi.org/x"):
            with pytest.raises(httpx.TransportError):
                client.get(url)
    entries = [exchange.to_json() for exchange in ledger]
    return [
        {key: entry[key] for key in entry if key not in ("at", "request_headers")}
        for entry in entries
    ]


def test_same_requests_leave_the_same_ledger_both_ways() -> None:
    """Both ledgers are equal, except for times and for header fields that clients add."""
    inprocess, wire = _play("inprocess"), _play("wire")
    assert len(inprocess) == 14
    assert inprocess == wire
