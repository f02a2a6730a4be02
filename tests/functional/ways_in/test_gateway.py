"""The gateway: tunnels, certificates, connections that go on and that end."""

from __future__ import annotations

import gc
import http.client
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.index.gateway import Gateway, serve
from pytest_indexcache.messages import Delivery, Exchange, Response

from .small_index import RepeatedContent, SmallIndex, respond, wait_until
from .wire_client import WireClient

GET = "GET /x HTTP/1.1\r\nHost: index.example\r\n\r\n"
GET_BY_PROXY = "GET http://index.example/x HTTP/1.1\r\nHost: index.example\r\n\r\n"


@pytest.fixture
def index() -> SmallIndex:
    """Return a handler for two hosts."""
    return SmallIndex()


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return what is recorded."""
    return []


@pytest.fixture
def gateway(index: SmallIndex, ledger: list[Exchange]) -> Iterator[Gateway]:
    """Return a gateway to the index."""
    with serve(index, record=ledger.append, clock=time.time) as gateway:
        yield gateway


@pytest.fixture
def client(gateway: Gateway) -> Iterator[WireClient]:
    """Return a connection to the gateway."""
    with WireClient(gateway) as client:
        yield client


def open_files() -> int:
    """Count the open files of this process, sockets among them."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_gateway_listens_on_the_loopback_alone(gateway: Gateway) -> None:
    """The proxy is at 127.0.0.1."""
    assert gateway.proxy_url.startswith("http://127.0.0.1:")


def test_connection_serves_one_request_after_another(
    client: WireClient, ledger: list[Exchange]
) -> None:
    """A connection stays open after a response, within a tunnel and without one."""
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
    """The answer says why, the connection ends, and the ledger has the CONNECT."""
    assert client.connect("pypi.org").startswith("HTTP/1.1 403 Forbidden\r\n")
    assert client.receive_all() == b"no index of the scenario is at 'pypi.org'\n"
    assert [(e.method, e.url, e.status) for e in ledger] == [
        ("CONNECT", "https://pypi.org:443", None)
    ]


def test_tunnel_to_host_that_is_down_is_a_bad_gateway(
    client: WireClient, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A host that is down looks as an unreachable one does through a proxy."""
    index.down.add("index.example")
    assert client.connect("index.example").startswith("HTTP/1.1 502 Bad Gateway\r\n")
    assert client.receive_all() == b"index.example is down\n"
    assert ledger[0].subject.fault == "down"


def test_host_that_goes_down_is_out_of_reach_on_an_open_connection(
    client: WireClient, index: SmallIndex, ledger: list[Exchange]
) -> None:
    """A tunnel from before is of no use to a host that is down now."""
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
    """The Host field decides who is asked."""
    client.connect("index.example")
    client.start_tls("index.example")
    client.send("GET /x HTTP/1.1\r\nHost: pypi.org\r\n\r\n")
    assert client.receive_all() == b""
    assert ledger[0].url == "https://pypi.org/x"
    assert ledger[0].subject.refused


def test_reset_is_a_reset_on_the_wire(client: WireClient, index: SmallIndex) -> None:
    """The connection ends with RST, before any byte."""
    index.responses["/x"] = respond(b"page", delivery=Delivery(reset=True))
    client.send(GET_BY_PROXY)
    with pytest.raises(ConnectionResetError):
        client.receive_head()


def test_cut_is_a_plain_end_on_the_wire(client: WireClient, index: SmallIndex) -> None:
    """The head announces everything; the connection ends before it came."""
    index.responses["/x"] = respond(b"0123456789", delivery=Delivery(cut_after=3))
    client.send(GET_BY_PROXY)
    assert client.receive_head() == "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    assert client.receive_all() == b"012"


def test_connection_ends_when_the_index_says_so(client: WireClient, index: SmallIndex) -> None:
    """After a response with "Connection: close" the connection is closed."""
    index.responses["/x"] = respond(b"page", Connection="close")
    client.send(GET_BY_PROXY)
    assert client.receive_head().startswith("HTTP/1.1 200 OK\r\n")
    assert client.receive_all() == b"page"


def test_connection_ends_when_the_client_says_so(client: WireClient) -> None:
    """After a request with "Connection: close" the connection is closed."""
    client.send(GET_BY_PROXY.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
    client.receive_head()
    assert client.receive_all() == b"GET http://index.example/x"


def test_client_is_told_to_go_on_with_its_body(client: WireClient, index: SmallIndex) -> None:
    """A client that expects 100 gets it before it sends the body."""
    client.send(
        "PUT http://index.example/x HTTP/1.1\r\nHost: index.example\r\n"
        "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    )
    assert client.receive_head() == "HTTP/1.1 100 Continue\r\n\r\n"
    client.send("body")
    assert client.receive_head().startswith("HTTP/1.1 200 OK\r\n")
    assert index.seen[0].body == b"body"


def test_status_without_a_name_goes_out(client: WireClient, index: SmallIndex) -> None:
    """A status that no RFC names has a reason phrase all the same."""
    index.responses["/x"] = respond(b"", status=599)
    client.send(GET_BY_PROXY)
    assert client.receive_head().startswith("HTTP/1.1 599 Unassigned\r\n")


def test_tunnel_of_an_old_client_is_opened(gateway: Gateway) -> None:
    """The standard library asks for tunnels in HTTP/1.0, up to Python 3.11."""
    host, port = gateway.proxy_url.removeprefix("http://").split(":")
    connection = http.client.HTTPSConnection(host, int(port), context=gateway.ssl_context())
    connection.set_tunnel("files.example")
    for path in ("/a%2Bb", "/c"):
        connection.request("GET", path)
        assert connection.getresponse().read() == f"GET https://files.example{path}".encode()
    connection.close()


def test_certificate_is_for_the_name_that_the_handshake_asks_for(client: WireClient) -> None:
    """SNI decides; HTTP/1.1 is all that is spoken."""
    client.connect("index.example")
    settings = client.trusting_settings()
    settings.set_alpn_protocols(["h2", "http/1.1"])
    secure = client.start_tls("files.example", settings)
    certificate = secure.getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "files.example"),)
    assert secure.selected_alpn_protocol() == "http/1.1"


def test_handshake_without_a_name_gets_the_certificate_of_the_tunnel(client: WireClient) -> None:
    """A client without SNI gets the certificate of the host that it asked a tunnel to."""
    client.connect("files.example")
    settings = client.trusting_settings()
    settings.check_hostname = False
    certificate = client.start_tls(None, settings).getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "files.example"),)


def test_name_that_is_none_ends_the_handshake(
    client: WireClient, capfd: pytest.CaptureFixture[str]
) -> None:
    """A handshake for what no certificate can be made for fails, in silence here."""
    client.connect("index.example")
    settings = client.trusting_settings()
    settings.check_hostname = False
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        client.start_tls("no_name.example", settings)
    assert capfd.readouterr() == ("", "")


def test_client_that_does_not_trust_the_gateway_is_recorded(
    client: WireClient, gateway: Gateway, ledger: list[Exchange]
) -> None:
    """A failed handshake is no silence: the ledger says why no request came."""
    client.connect("index.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        client.start_tls("index.example", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    wait_until(lambda: ledger)
    assert (ledger[0].method, ledger[0].url) == ("CONNECT", "https://index.example:443")
    assert ledger[0].subject.refused is not None
    assert "TLS handshake with index.example failed" in ledger[0].subject.refused
    assert "unknown ca" in ledger[0].subject.refused


def test_certificate_file_holds_one_certificate_and_no_key(gateway: Gateway) -> None:
    """The folder of the gateway has the authority's certificate, and it goes with the gateway."""
    assert gateway.ca_file.read_text() == gateway.ca_pem
    assert gateway.ca_pem.count("-----BEGIN CERTIFICATE-----") == 1
    assert "PRIVATE" not in gateway.ca_pem
    assert [path.name for path in gateway.ca_file.parent.iterdir()] == ["ca.pem"]


def test_certificate_file_goes_with_the_gateway(index: SmallIndex) -> None:
    """After the gateway its folder is gone, and the gateway says that it is not open."""
    with serve(index, record=lambda _: None, clock=time.time) as gateway:
        folder = gateway.ca_file.parent
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(GatewayError, match="not open"):
        _ = gateway.ca_file
    with pytest.raises(GatewayError, match="serves no play"):
        _ = gateway.proxy_url


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
    """What is no request is refused and not recorded; nothing is printed; others are served."""
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
    """A client that hangs keeps no thread and no socket of the gateway alive."""
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
    """A connection of an earlier play is closed, and its port serves no later play."""
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
        with gateway.serving(SmallIndex(frozenset({"other.example"})), second.append):
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
    """A second play at the same time needs a second gateway."""
    with (
        pytest.raises(GatewayError, match="another play"),
        gateway.serving(index, lambda _: None),
    ):
        pass
    assert gateway.proxy_url


def test_two_gateways_at_once_keep_their_ledgers_apart(index: SmallIndex) -> None:
    """Two plays at the same time, each with its own gateway, do not meet."""
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
    """After the client is gone its exchange ends soon; before that it does not."""
    assert gateway.settle()
    index.responses["/x"] = Response(200, content=RepeatedContent(1 << 40))
    client.send(GET_BY_PROXY)
    client.receive_head()
    assert not gateway.settle(0.02)
    client.socket.close()
    assert gateway.settle()
    assert len(ledger) == 1


def test_error_within_a_play_is_not_hidden_by_one_of_the_index(index: SmallIndex) -> None:
    """What is raised while the gateway is open comes out of it unchanged."""
    with (
        pytest.raises(KeyError, match="mine"),
        serve(index, record=lambda _: None, clock=time.time),
    ):
        raise KeyError("mine")


def test_record_that_breaks_is_raised_at_the_end(index: SmallIndex) -> None:
    """An error of what records is no silence either."""

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
    """Where no port can be had, the error says what to look at."""
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
