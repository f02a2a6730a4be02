"""The gateway: tunnels, and connections that stay open or are closed."""

from __future__ import annotations

import http.client
import socket

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.messages import Delivery, Exchange

from .small_index import SmallIndex, respond
from .wire_client import WireClient

GET = "GET /x HTTP/1.1\r\nHost: index.example\r\n\r\n"
GET_BY_PROXY = "GET http://index.example/x HTTP/1.1\r\nHost: index.example\r\n\r\n"


def test_gateway_listens_on_the_loopback_alone(gateway: Gateway) -> None:
    """The proxy of the gateway listens at 127.0.0.1."""
    assert gateway.proxy_url.startswith("http://127.0.0.1:")


def test_connection_serves_one_request_after_another(
    client: WireClient, ledger: list[Exchange]
) -> None:
    """A connection stays open after a response, both within a tunnel and without a tunnel."""
    for _ in range(3):
        client.send(GET_BY_PROXY)
        assert client.receive_head().startswith("HTTP/1.1 200 OK\r\n")
        assert client.receive(26) == b"GET http://index.example/x"
    assert "200" in client.connect("index.example")
    client.start_tls("index.example")
    for _ in range(3):
        client.send(GET)
        assert client.receive_head() == "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n"
        assert client.receive(27) == b"GET https://index.example/x"
    assert len(ledger) == 6


def test_tunnel_to_unknown_host_is_refused_with_403(
    client: WireClient, ledger: list[Exchange]
) -> None:
    """A tunnel to an unknown host gets 403 with a reason, and the CONNECT is recorded."""
    assert client.connect("pypi.org").startswith("HTTP/1.1 403 Forbidden\r\n")
    assert client.receive_all() == b"no index of the scenario is at 'pypi.org'\n"
    assert [(e.method, e.url, e.status) for e in ledger] == [
        ("CONNECT", "https://pypi.org:443", None)
    ]


def test_tunnel_to_host_that_is_down_is_a_bad_gateway(
    client: WireClient, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A tunnel to a host that is down gets 502, as from a real proxy."""
    index.down.add("index.example")
    assert client.connect("index.example").startswith("HTTP/1.1 502 Bad Gateway\r\n")
    assert client.receive_all() == b"index.example is down\n"
    assert ledger[0].subject.fault == "down"


def test_host_that_goes_down_is_out_of_reach_on_an_open_connection(
    client: WireClient, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """An open tunnel gets no response once its host is down."""
    client.connect("index.example")
    client.start_tls("index.example")
    client.send(GET)
    client.receive_head()
    index.down.add("index.example")
    client.receive(27)
    client.send(GET)
    assert client.receive_all() == b""
    assert [e.status for e in ledger] == [200, None]


def test_unknown_host_within_a_tunnel_is_refused(
    client: WireClient, ledger: list[Exchange]
) -> None:
    """A request in a tunnel is refused if its Host field names an unknown host."""
    client.connect("index.example")
    client.start_tls("index.example")
    client.send("GET /x HTTP/1.1\r\nHost: pypi.org\r\n\r\n")
    assert client.receive_all() == b""
    assert ledger[0].url == "https://pypi.org/x"
    assert ledger[0].subject.refused


def test_reset_is_a_reset_on_the_wire(client: WireClient, index: SmallIndex) -> None:
    """A reset closes the connection with RST before any byte of the response."""
    index.responses["/x"] = respond(b"page", delivery=Delivery(drops="reset"))
    client.send(GET_BY_PROXY)
    with pytest.raises(ConnectionResetError):
        client.receive_head()


def test_cut_is_a_plain_end_on_the_wire(client: WireClient, index: SmallIndex) -> None:
    """A cut body has the full Content-Length, and the connection closes before the last byte."""
    index.responses["/x"] = respond(b"0123456789", delivery=Delivery(cut_after=3))
    client.send(GET_BY_PROXY)
    assert client.receive_head() == "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    assert client.receive_all() == b"012"


def test_connection_ends_when_the_index_says_so(client: WireClient, index: SmallIndex) -> None:
    """The connection is closed after a response with "Connection: close"."""
    index.responses["/x"] = respond(b"page", Connection="close")
    client.send(GET_BY_PROXY)
    assert client.receive_head().startswith("HTTP/1.1 200 OK\r\n")
    assert client.receive_all() == b"page"


def test_connection_ends_when_the_client_says_so(client: WireClient) -> None:
    """The connection is closed after a request with "Connection: close"."""
    client.send(GET_BY_PROXY.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
    client.receive_head()
    assert client.receive_all() == b"GET http://index.example/x"


def test_client_is_told_to_go_on_with_its_body(client: WireClient, index: SmallIndex) -> None:
    """A client that sends "Expect: 100-continue" gets 100 before it sends the body."""
    client.send(
        "PUT http://index.example/x HTTP/1.1\r\nHost: index.example\r\n"
        "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    )
    assert client.receive_head() == "HTTP/1.1 100 Continue\r\n\r\n"
    client.send("body")
    assert client.receive_head().startswith("HTTP/1.1 200 OK\r\n")
    assert index.seen[0].body == b"body"


def test_status_without_a_name_goes_out(client: WireClient, index: SmallIndex) -> None:
    """A status that no RFC defines is sent with a reason phrase."""
    index.responses["/x"] = respond(b"", status=599)
    client.send(GET_BY_PROXY)
    assert client.receive_head().startswith("HTTP/1.1 599 Unassigned\r\n")


def test_tunnel_of_an_old_client_is_opened(gateway: Gateway) -> None:
    """The gateway opens a tunnel for an HTTP/1.0 CONNECT, which Python sends up to 3.11."""
    host, port = gateway.proxy_url.removeprefix("http://").split(":")
    connection = http.client.HTTPSConnection(host, int(port), context=gateway.ssl_context())
    connection.set_tunnel("files.example")
    for path in ("/a%2Bb", "/c"):
        connection.request("GET", path)
        assert connection.getresponse().read() == f"GET https://files.example{path}".encode()
    connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        "\0\1\2\r\n\r\n",
        "\x16\x03\x01\x02\x00" + "\x01" * 40 + "\r\n",
        "NONSENSE\r\n\r\n",
        "GET\r\n\r\n",
        "GET /x HTTP/9.9\r\n\r\n",
        "GET /x HTTP/1.1\r\n\r\n",
        "GET " + "x" * 70_000 + " HTTP/1.1\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + "X-Field: 1\r\n" * 200 + "\r\n",
        "GET ftp://index.example/x HTTP/1.1\r\n\r\n",
        "GET https://index.example/x HTTP/1.1\r\n\r\n",
        "GET http://[index.example/x HTTP/1.1\r\n\r\n",
        "GET http://index.example:port/x HTTP/1.1\r\n\r\n",
        "GET http://index.example:99999/x HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: index.example\r\n\r\n",
        "CONNECT nonsense HTTP/1.1\r\n\r\n",
        "CONNECT :443 HTTP/1.1\r\n\r\n",
        "CONNECT index.example:0 HTTP/1.1\r\n\r\n",
        "CONNECT index.example:https HTTP/1.1\r\n\r\n",
        "CONNECT a/b:443 HTTP/1.1\r\n\r\n",
        "CONNECT https://index.example:443 HTTP/1.1\r\n\r\n",
        "PUT http://index.example/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "PUT http://index.example/x HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        "PUT http://index.example/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
    ],
)
def test_nonsense_is_answered_with_an_error_or_nothing(
    client: WireClient,
    gateway: Gateway,
    ledger: list[Exchange],
    capfd: pytest.CaptureFixture[str],
    sent: str,
) -> None:
    """Invalid requests are refused, and neither recorded nor printed; other clients are served."""
    client.send(sent)
    client.socket.shutdown(socket.SHUT_WR)
    try:
        received = client.receive_all()
    except ConnectionResetError:
        received = b""
    assert not received or b"Error code: " in received
    with WireClient(gateway) as other:
        other.send(GET_BY_PROXY)
        assert other.receive_head().startswith("HTTP/1.1 200 OK\r\n")
    assert [e.url for e in ledger] == ["http://index.example/x"]
    assert capfd.readouterr() == ("", "")
