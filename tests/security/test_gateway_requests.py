"""Requests that two parsers could read differently, and tunnels to ports without an index."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.tables.indexes import Index

HOST = "private.example"
INDEXES = {
    "pypi": Index(url="https://pypi.org/simple"),
    "private": Index(url=f"https://{HOST}:8443/simple", files_url=f"https://{HOST}:9443/f"),
}
GET = "GET http://index.example/simple/six/ HTTP/1.1\r\n"
FIELD = "Host: index.example\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return the recorded exchanges."""
    return []


@pytest.fixture
def gateway(ledger: list[Exchange]) -> Iterator[Gateway]:
    """Return a gateway to indexes with and without TLS."""
    indexes = FakeIndexes({**INDEXES, "plain": Index(url="http://index.example/simple")})
    with serve(indexes, record=ledger.append, clock=time.time) as gateway:
        yield gateway


def answer(gateway: Gateway, sent: str) -> str:
    """Send bytes to the gateway; return the status line of its response, or an empty string."""
    host, _, port = gateway.proxy_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(sent.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        data = b""
        try:
            while piece := connection.recv(1 << 16):
                data += piece
        except ConnectionResetError:
            pass
    return data.decode("latin-1").partition("\r\n")[0]


@pytest.mark.parametrize(
    "fields",
    [
        f"{FIELD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"{FIELD}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        f"{FIELD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        f"{FIELD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        f"{FIELD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        f"{FIELD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"{FIELD}Content-Length: 0\r\nContent-Length: 1\r\n\r\nx",
        f"{FIELD}Content-Length: +1\r\n\r\nx",
        f"{FIELD}Content-Length: {'9' * 5000}\r\n\r\nx",
        f"{FIELD}X-Field: one\r\n two\r\n\r\n",
        f"{FIELD}X-Field: one\r\n\ttwo\r\n\r\n",
        f" X-Field: one\r\n{FIELD}\r\n",
        f"{FIELD}no colon here\r\n\r\n",
        f"{FIELD}nocolon\r\n\r\n",
        f"{FIELD}: no name\r\n\r\n",
        f"{FIELD}Content-Length : 0\r\n\r\n",
        f"{FIELD}Content\0Length: 0\r\n\r\n",
        f"{FIELD}X-Field: a\0b\r\n\r\n",
        f"{FIELD}X-Field: a\rContent-Length: 1\r\n\r\nx",
        f"{FIELD}Host: pypi.org\r\n\r\n",
        f"{FIELD}Bücher: 1\r\n\r\n",
        f"{FIELD}{CHUNKED}0x1\r\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}+1\r\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}0_1\r\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}1 \r\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}1\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}1;\nx\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}1\r\nxGET / HTTP/1.1\r\n0\r\n\r\n",
        f"{FIELD}{CHUNKED}0\r\nGET / HTTP/1.1\r\n\r\n",
    ],
)
def test_ambiguous_request_is_refused(
    gateway: Gateway, ledger: list[Exchange], fields: str
) -> None:
    """An ambiguous request is answered with 400 and reaches no index."""
    assert answer(gateway, GET + fields).startswith("HTTP/1.1 400 ")
    assert ledger == []


def test_chunked_body_of_http_1_0_is_refused(gateway: Gateway, ledger: list[Exchange]) -> None:
    """An HTTP/1.0 request with Transfer-Encoding is answered with 400."""
    request = GET.replace("1.1", "1.0") + FIELD + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert " 400 " in answer(gateway, request)
    assert ledger == []


@pytest.mark.parametrize(
    "line",
    [
        "GET http://index.example/\r\n",
        "GET  http://index.example/ HTTP/1.1\r\n",
        "GET http://index.example/\x0bHTTP/1.1\r\n",
        "GET\thttp://index.example/ HTTP/1.1\r\n",
        "GET http://index.example/ HTTP/1.1\r\r\n",
    ],
)
def test_request_line_that_can_be_split_in_two_ways_is_refused(
    gateway: Gateway, ledger: list[Exchange], line: str
) -> None:
    """A request line without a version, or with whitespace other than single spaces, gets 400."""
    assert " 400 " in answer(gateway, f"{line}{FIELD}\r\n")
    assert ledger == []


@pytest.mark.parametrize(
    "fields",
    [
        f"{FIELD}\r\n",
        f"{FIELD}{CHUNKED}1;a=b\r\nx\r\n0\r\nTrailer: 1\r\n\r\n",
        f"{FIELD}X-Empty:\r\nX-Spaces: \t a b \r\n\r\n",
        f"{FIELD}X-Latin: B\xfccher\r\n\r\n",
        f"{FIELD}Accept: text/html\r\nAccept: application/json\r\n\r\n",
        "host: index.example\nX-Field: 1\n\n",
    ],
)
def test_right_request_is_answered(gateway: Gateway, ledger: list[Exchange], fields: str) -> None:
    """A request with an unambiguous head reaches its index."""
    assert answer(gateway, GET + fields) == "HTTP/1.1 404 Not Found"
    assert len(ledger) == 1


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("pypi.org:443", "200"),
        ("pypi.org:80", "403"),
        ("pypi.org:22", "403"),
        ("pypi.org:8443", "403"),
        (f"{HOST}:8443", "200"),
        (f"{HOST}:9443", "200"),
        (f"{HOST}:443", "403"),
        ("files.pythonhosted.org:443", "200"),
        ("files.pythonhosted.org:25", "403"),
    ],
)
def test_tunnel_leads_to_ports_of_the_scenario(gateway: Gateway, target: str, status: str) -> None:
    """A CONNECT succeeds only at the ports of the scenario's URLs."""
    assert answer(gateway, f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n").split()[1] == status


def test_request_without_tunnel_leads_to_ports_of_the_scenario(
    gateway: Gateway, ledger: list[Exchange]
) -> None:
    """A request for another port of an http host is not answered, and is recorded as refused."""
    assert answer(gateway, f"GET http://index.example:8080/ HTTP/1.1\r\n{FIELD}\r\n") == ""
    assert [exchange.subject.refused for exchange in ledger] == [
        "no index of the scenario is at port 8080 of index.example"
    ]


def test_listener_outside_the_scenario_is_not_reached(
    gateway: Gateway, ledger: list[Exchange]
) -> None:
    """A CONNECT to another server on loopback is refused, and the server gets no connection."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        port = canary.getsockname()[1]
        request = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n"
        assert answer(gateway, request) == "HTTP/1.1 403 Forbidden"
        with pytest.raises(TimeoutError):
            canary.accept()
    assert len(ledger) == 1


def tunnelled(gateway: Gateway, server_name: str, sent: str) -> str:
    """Send bytes like ``answer``, through a tunnel to pypi.org with this server name."""
    host, _, port = gateway.proxy_url.removeprefix("http://").partition(":")
    context = ssl.create_default_context(cafile=str(gateway.ca_file))
    context.check_hostname = False
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(b"CONNECT pypi.org:443 HTTP/1.1\r\nHost: pypi.org:443\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        with context.wrap_socket(connection, server_hostname=server_name) as tunnel:
            tunnel.sendall(sent.encode("latin-1"))
            data = b""
            with suppress(ConnectionResetError):
                while piece := tunnel.recv(1 << 16):
                    data += piece
    return data.decode("latin-1").partition("\r\n")[0]


@pytest.mark.parametrize(
    ("server_name", "target", "host", "status", "url"),
    [
        ("pypi.org", "/simple/six/", "pypi.org", "404", "https://pypi.org/simple/six/"),
        ("evil.example", "/x", "pypi.org", "404", "https://pypi.org/x"),
        ("pypi.org", "/x", "evil.example", "", "https://evil.example/x"),
        ("pypi.org", "/x", "127.0.0.1", "", "https://127.0.0.1/x"),
        ("pypi.org", "/x", "pypi.org:22", "", "https://pypi.org:22/x"),
        ("pypi.org", "/x", "pypi.org@evil.example", "", None),
        ("pypi.org", "/x", "a b", "", None),
        ("pypi.org", "/x", "../../etc", "", None),
        ("pypi.org", "https://evil.example/x", "pypi.org", "", "https://evil.example/x"),
        ("pypi.org", "http://evil.example/x", "pypi.org", "400", None),
        ("pypi.org", "//evil.example/x", "pypi.org", "404", "https://pypi.org//evil.example/x"),
        ("pypi.org", "/../../etc/passwd", "pypi.org", "404", "https://pypi.org/../../etc/passwd"),
        ("pypi.org", "file:///etc/passwd", "pypi.org", "400", None),
    ],
)
def test_tunnel_leads_to_indexes_whatever_names_say(
    gateway: Gateway,
    ledger: list[Exchange],
    server_name: str,
    target: str,
    host: str,
    status: str,
    url: str | None,
) -> None:
    """In a tunnel, a request to an unknown host gets no response, whatever the server name is."""
    request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert tunnelled(gateway, server_name, request)[9:12] == status
    if url is not None:
        assert [exchange.url for exchange in ledger] == [url]
    answered = [exchange for exchange in ledger if exchange.status is not None]
    assert all(exchange.url.startswith("https://pypi.org/") for exchange in answered)
