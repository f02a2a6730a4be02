"""Requests of installers that are forwarded to a real server, and its responses."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from pytest_indexcache.index.exchanges.handler import Handler
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.index.upstreams.upstream_indexes import UpstreamIndexes
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import JSON_V1, Delivery, Exchange, HostPort, Kind, Request
from pytest_indexcache.messages import Response as IndexResponse
from pytest_indexcache.scenario.tables.indexes import Index

from .loopback_server import loopback_server
from .small_index import RepeatedContent, SmallIndex, respond

AT = "https://index.example/simple"


@contextmanager
def passed_on(upstream: Upstream, ledger: list[Exchange]) -> Iterator[httpx.Client]:
    """Yield a client whose requests go to a gateway, and from there to a real index."""
    with (
        UpstreamIndexes([upstream]) as indexes,
        serve(indexes, record=ledger.append, clock=time.time) as gateway,
        httpx.Client(proxy=gateway.proxy_url, verify=gateway.ssl_context(), trust_env=False) as own,
    ):
        yield own


def ignored(exchange: Exchange) -> None:
    """Discard an exchange."""


def leading_to(url: str) -> IndexResponse:
    """Return a page with one link."""
    return respond(f'<a href="{url}">link</a>'.encode(), Content_Type="text/html")


def streamed(status: int = 200, text: str = "") -> httpx.Response:
    """Return a server's response as an httpx client gets it from the network, unread."""
    fields = {"Content-Type": "text/html"}
    return httpx.Response(status, headers=fields, stream=httpx.ByteStream(text.encode()))


@pytest.fixture
def real() -> SmallIndex:
    """Return the handler of the real server."""
    return SmallIndex()


@pytest.fixture
def origin(real: SmallIndex) -> Iterator[str]:
    """Return the origin of a real server."""
    with loopback_server(lambda _: real, ignored) as origin:
        yield origin


@pytest.fixture
def client(origin: str, ledger: list[Exchange]) -> Iterator[httpx.Client]:
    """Return a client that reaches the real server at a URL of another host."""
    with passed_on(Upstream("main", f"{origin}/own", AT), ledger) as own:
        yield own


def test_request_arrives_as_it_was_sent(
    client: httpx.Client, real: SmallIndex, ledger: list[Exchange], origin: str
) -> None:
    """Method, path, query, body and end-to-end fields are forwarded, but not hop-by-hop fields."""
    fields = {
        "Range": "bytes=0-1",
        "If-None-Match": '"a"',
        "If-Modified-Since": "Mon, 30 Nov 2026 09:00:00 GMT",
        "Accept": JSON_V1,
        "Authorization": "Basic eA==",
        "User-Agent": "uv/0.9",
        "Accept-Encoding": "gzip, br",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "TE": "trailers",
    }
    client.request("POST", "https://index.example/simple/a%2Fb/?q=%20", headers=fields, content="b")
    (request,) = real.seen
    assert (request.method, request.url) == ("POST", f"{origin}/own/a%2Fb/?q=%20")
    assert request.body == b"b"
    for name in ("Range", "If-None-Match", "If-Modified-Since", "Accept", "Authorization"):
        assert request.headers.get(name) == fields[name]
    assert request.headers.get("User-Agent") == "uv/0.9"
    assert request.headers.get("Accept-Encoding") == "gzip"
    assert request.headers.get("Host") == origin.removeprefix("http://")
    assert not {"X-Hop", "TE"} & {name for name, _ in request.headers}
    assert ledger[0].url == "https://index.example/simple/a%2Fb/?q=%20"
    assert ledger[0].request_headers.get("Accept-Encoding") == "gzip, br"


def test_response_arrives_as_it_was_sent(client: httpx.Client, real: SmallIndex) -> None:
    """Status, fields and the encoded body are returned, but not hop-by-hop fields."""
    body = gzip.compress(b"<a href='x'>x</a>")
    laid = respond(body, Content_Type="text/html", Content_Encoding="gzip", ETag='W/"1"', X_Odd="é")
    real.responses["/own/six/"] = laid
    with client.stream("GET", "https://index.example/simple/six/") as response:
        assert b"".join(response.iter_raw()) == body
    assert response.headers["ETag"] == 'W/"1"'
    assert response.headers["X-Odd"] == "é"


@pytest.mark.parametrize(
    ("method", "laid", "expected"),
    [
        ("HEAD", respond(b"12345"), (200, "5", b"")),
        ("GET", respond(status=304, ETag='"a"'), (304, None, b"")),
        ("GET", respond(b"gone", status=404), (404, "4", b"gone")),
        ("GET", respond(b"23", status=206, Content_Range="bytes 1-2/9"), (206, "2", b"23")),
        ("GET", respond(b"late", status=503, Retry_After="7"), (503, "4", b"late")),
        ("GET", respond(b"ab", Transfer_Encoding="chunked"), (200, None, b"ab")),
    ],
)
def test_every_kind_of_response_is_passed_back(
    client: httpx.Client,
    real: SmallIndex,
    method: str,
    laid: IndexResponse,
    expected: tuple[int, str | None, bytes],
) -> None:
    """Errors, 304s, ranges and chunked bodies pass the gateway unchanged."""
    real.responses["/own/six-1.0.tar.gz"] = laid
    response = client.request(method, "https://index.example/simple/six-1.0.tar.gz")
    length = response.headers.get("Content-Length")
    assert (response.status_code, length, response.content) == expected


def test_large_file_is_passed_on_without_being_held(
    client: httpx.Client, real: SmallIndex, ledger: list[Exchange]
) -> None:
    """A file larger than the memory limit arrives whole and is recorded."""
    length = 40_000_000
    real.responses["/own/six-1.0-py3-none-any.whl"] = IndexResponse(
        200, content=RepeatedContent(length)
    )
    with client.stream("GET", "https://index.example/simple/six-1.0-py3-none-any.whl") as response:
        assert sum(map(len, response.iter_raw())) == length
    (exchange,) = ledger
    assert exchange.is_download
    assert exchange.subject.nominal_bytes == length


def test_file_that_breaks_off_breaks_off(
    client: httpx.Client, real: SmallIndex, ledger: list[Exchange]
) -> None:
    """A body that the server truncates arrives truncated at the installer."""
    real.responses["/own/six-1.0-py3-none-any.whl"] = IndexResponse(
        200, content=RepeatedContent(4_000_000), delivery=Delivery(cut_after=2_500_000)
    )
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("https://index.example/simple/six-1.0-py3-none-any.whl")
    (exchange,) = ledger
    assert (exchange.sent, exchange.length) == (2_500_000, 4_000_000)
    assert exchange.is_failed


def test_links_lead_where_a_page_means(client: httpx.Client, real: SmallIndex, origin: str) -> None:
    """Links whose target would change under the installer's URL are rewritten."""
    page = (
        '<a href="a.whl">1</a><a href="../b.whl">2</a><a href="/c.whl">3</a>'
        f'<a href="{origin}/own/d.whl#sha256=0">4</a><a href="{origin}/e.whl">5</a>'
        '<a href="https://files.example/f.whl">6</a><a href="../../g.whl">7</a>'
    )
    real.responses["/own/six/"] = respond(page.encode(), Content_Type="text/html")
    expected = page.replace(f"{origin}/own/d", "https://index.example/simple/d")
    expected = expected.replace(f"{origin}/e", "https://index.example/e")
    response = client.get("https://index.example/simple/six/")
    assert response.text == expected
    for name in ("a", "b", "c", "d", "e"):
        assert name in response.text


def test_links_of_devpi_lead_to_its_files(real: SmallIndex, ledger: list[Exchange]) -> None:
    """Relative links from devpi's pages to its files lead to the same files behind the gateway."""
    files = [{"filename": "six-1.0-py3-none-any.whl", "url": "../../+f/1/six-1.0-py3-none-any.whl"}]
    page = json.dumps({"meta": {}, "name": "six", "files": files}).encode()
    packed = respond(gzip.compress(page), Content_Type=JSON_V1, Content_Encoding="gzip")
    real.responses["/root/pypi/+simple/six/"] = packed
    real.responses["/root/pypi/+f/1/six-1.0-py3-none-any.whl"] = respond(b"wheel")
    with loopback_server(lambda _: real, ignored) as origin:
        upstream = Upstream("pypi", f"{origin}/root/pypi/+simple", "https://pypi.org/simple")
        with passed_on(upstream, ledger) as client:
            (file,) = client.get("https://pypi.org/simple/six/").json()["files"]
            url = "https://pypi.org/root/pypi/+f/1/six-1.0-py3-none-any.whl"
            assert file["url"] == url
            assert client.get(url).content == b"wheel"
    subjects = [(it.subject.kind, it.subject.index, it.subject.project) for it in ledger]
    assert subjects == [(Kind.PAGE, "pypi", "six"), (Kind.WHEEL, "pypi", "six")]


def test_redirect_is_passed_on(client: httpx.Client, real: SmallIndex, origin: str) -> None:
    """A redirect is returned to the installer, with a target below the installer's URL."""
    real.responses["/own/six"] = respond(status=301, Location=f"{origin}/own/six/")
    response = client.get("https://index.example/simple/six")
    assert response.status_code == 301
    assert response.headers["Location"] == "https://index.example/simple/six/"


def test_host_is_served_when_a_page_leads_to_it(ledger: list[Exchange]) -> None:
    """A file host is served only after a page that links to it was sent."""
    files = SmallIndex()
    with loopback_server(lambda _: files, ignored) as elsewhere:
        page = leading_to(f"{elsewhere}/x/six-1.0.zip")
        real = SmallIndex(responses={"/own/six/": page})
        with loopback_server(lambda _: real, ignored) as origin:
            upstream = Upstream("main", f"{origin}/own", AT)
            with passed_on(upstream, ledger) as client:
                with pytest.raises(httpx.RemoteProtocolError):
                    client.get(f"{elsewhere}/x/six-1.0.zip")
                client.get("https://index.example/simple/six/")
                assert client.get(f"{elsewhere}/x/six-1.0.zip").status_code == 200
    assert [request.url for request in files.seen] == [f"{elsewhere}/x/six-1.0.zip"]
    assert ledger[-1].subject.index == "main"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.7", "[::1]", "169.254.169.254"])
def test_page_of_the_network_leads_to_no_private_address(host: str) -> None:
    """Links on a page of a public server give no access to private addresses."""
    upstream = Upstream("main", AT)
    page = f'<a href="http://{host}:99/a.whl">a</a><a href="http://files.example/b.whl">b</a>'
    network = httpx.MockTransport(lambda _: streamed(200, page))
    with UpstreamIndexes([upstream], transport=network) as indexes:
        indexes.handle(Request("GET", "https://index.example/simple/six/"), 0.0)
        expected = {HostPort("index.example", 443), HostPort("files.example", 80)}
        assert indexes.origins == expected


def test_credentials_of_the_index_go_to_it_alone(ledger: list[Exchange]) -> None:
    """Credentials in an upstream's URL are sent to its origin only, not to linked hosts."""
    files = SmallIndex()
    with loopback_server(lambda _: files, ignored) as elsewhere:
        page = leading_to(f"{elsewhere}/six-1.0.zip")
        real = SmallIndex(responses={"/own/six/": page})
        with loopback_server(lambda _: real, ignored) as origin:
            url = f"{origin}/own".replace("://", "://joe:secret@")
            with passed_on(Upstream("main", url, AT), ledger) as client:
                client.get("https://index.example/simple/six/")
                client.get(f"{elsewhere}/six-1.0.zip")
    assert real.seen[0].headers.get("Authorization") == "Basic am9lOnNlY3JldA=="
    assert "Authorization" not in files.seen[0].headers
    assert all("Authorization" not in exchange.request_headers for exchange in ledger)


def test_credentials_are_not_laid_open() -> None:
    """Credentials that an installer sent over TLS are not forwarded to a server without TLS."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return streamed()

    upstream = Upstream("main", "http://index.example/", "https://pypi.org/simple/")
    with (
        UpstreamIndexes([upstream], transport=httpx.MockTransport(answer)) as indexes,
        httpx.Client(transport=mount(indexes, record=ignored, clock=time.time)) as own,
    ):
        own.get("https://pypi.org/simple/six/", headers={"Authorization": "Basic eA=="})
    assert "Authorization" not in seen[0].headers


def test_server_that_is_not_there_closes_the_connection(ledger: list[Exchange]) -> None:
    """If the server is unreachable, the connection is closed, and the reason is recorded."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    upstream = Upstream("main", f"http://127.0.0.1:{port}/")
    with passed_on(upstream, ledger) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get(f"http://127.0.0.1:{port}/six/")
    (exchange,) = ledger
    assert exchange.status is None
    assert "127.0.0.1 did not answer" in (exchange.subject.refused or "")


def test_fake_index_behind_the_gateway_is_the_same() -> None:
    """An index gives the same responses directly and as a server behind the gateway."""
    packages = {"six": {"1.0": {"files": [{}, {"kind": "sdist"}]}}}

    def make(origin: str) -> Handler:
        table = {"url": f"{origin}/simple", "server": "pypi", "packages": packages}
        return FakeIndexes({"main": Index.model_validate(table)})

    direct: list[Exchange] = []
    through: list[Exchange] = []
    with loopback_server(make, direct.append) as origin, httpx.Client(trust_env=False) as plain:
        urls = [f"{origin}/simple/six/", f"{origin}/simple/none/", f"{origin}/simple/Six"]
        page = plain.get(urls[0], headers={"Accept": JSON_V1})
        urls += [str(page.url.join(file["url"])) for file in page.json()["files"]]
        urls.append(f"{urls[-2]}.metadata")
        fields = [{"Accept": JSON_V1}, {"If-None-Match": page.headers["ETag"]}, {}]
        asked = [(url, each) for url in urls for each in fields]
        expected = [_seen(plain.get(url, headers=each)) for url, each in asked]
        with passed_on(Upstream("main", f"{origin}/simple"), through) as client:
            assert [_seen(client.get(url, headers=each)) for url, each in asked] == expected
    kinds = [(it.subject.kind, it.subject.project, it.subject.filename) for it in direct]
    assert kinds[1 : len(through) + 1] == [
        (it.subject.kind, it.subject.project, it.subject.filename) for it in through
    ]


def _seen(response: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    fields = [pair for pair in response.headers.multi_items() if pair[0] != "date"]
    return response.status_code, fields, response.content
