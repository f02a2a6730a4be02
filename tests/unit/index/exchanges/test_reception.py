"""The time at which an exchange is recorded, and the values that are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pytest_indexcache.index.exchanges.reception import LARGEST_PIECE, OpenExchange, Reception
from pytest_indexcache.messages import (
    BytesContent,
    Content,
    Delivery,
    Exchange,
    HostPort,
    Request,
    Response,
)

URL = "https://index.example/x"


@dataclass
class OnePage:
    """A handler that sends one response."""

    content: Content
    origins: frozenset[HostPort] = frozenset(
        (HostPort("index.example", 443), HostPort("down.example", 80))
    )

    def handle(self, request: Request, now: float) -> Response:
        """Answer with the page, with a status that depends on the time."""
        return Response(int(now), content=self.content) if request.url == URL else Response(404)

    def is_reachable(self, host: str) -> bool:
        """Return whether the host is up."""
        return host != "down.example"


@dataclass(frozen=True)
class ShortContent:
    """A content with fewer bytes than its declared length."""

    length: int = 10

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield fewer bytes than requested."""
        yield b"x" * (stop - start - 1)


def receive(content: Content, method: str = "GET") -> tuple[OpenExchange, list[Exchange]]:
    """Receive a request that is answered with the content."""
    ledger = list[Exchange]()
    reception = Reception(OnePage(content), record=ledger.append, clock=lambda: 200.0)
    return reception.receive(Request(method, URL)), ledger


def test_exchange_is_recorded_before_its_last_piece_goes_out() -> None:
    """An exchange is in the ledger before its last piece is sent."""
    exchange, ledger = receive(BytesContent(b"x" * (2 * LARGEST_PIECE + 1)))
    recorded = [(len(piece), len(ledger)) for piece in exchange.pieces(lambda: None)]
    assert recorded == [(LARGEST_PIECE, 0), (LARGEST_PIECE, 0), (1, 1)]
    assert (ledger[0].sent, ledger[0].at, ledger[0].status) == (2 * LARGEST_PIECE + 1, 200.0, 200)


def test_pause_is_made_after_so_many_bytes_of_the_body() -> None:
    """A pause begins after the given number of bytes, and the exchange ends after the last byte."""
    exchange, ledger = receive(BytesContent(b"0123456789"))
    delivery = Delivery(delay=1.0, pause_after=4)
    exchange.response = replace(exchange.response, delivery=delivery)
    said: list[bytes | str] = []
    for piece in exchange.pieces(lambda: said.append(f"{exchange.sent} sent, {len(ledger)} over")):
        said.append(piece)
    assert said == [b"0123", "4 sent, 0 over", b"456789"]
    assert [e.sent for e in ledger] == [10]


def test_exchange_without_body_is_recorded_before_its_head_goes_out() -> None:
    """An exchange without a body is recorded before its head is sent."""
    exchange, ledger = receive(BytesContent(b"x"), "HEAD")
    assert list(exchange.pieces(lambda: None)) == []
    assert [(e.method, e.sent, e.length) for e in ledger] == [("HEAD", 0, 1)]


def test_exchange_is_recorded_once() -> None:
    """Closing an exchange that has already ended changes nothing."""
    exchange, ledger = receive(BytesContent(b"x"))
    list(exchange.pieces(lambda: None))
    exchange.close()
    exchange.drop()
    assert [(e.status, e.sent) for e in ledger] == [(200, 1)]


def test_exchange_that_is_closed_early_is_recorded_as_far_as_it_came() -> None:
    """An exchange that is closed early is recorded with the bytes that were sent before."""
    exchange, ledger = receive(BytesContent(b"x" * (2 * LARGEST_PIECE)))
    next(exchange.pieces(lambda: None))
    exchange.close()
    assert [(e.sent, e.length) for e in ledger] == [(LARGEST_PIECE, 2 * LARGEST_PIECE)]


def test_content_that_lacks_bytes_is_not_complete() -> None:
    """A content with fewer bytes than its length is recorded as incomplete."""
    exchange, ledger = receive(ShortContent())
    assert list(exchange.pieces(lambda: None)) == [b"x" * 9]
    exchange.close()
    assert not ledger[0].is_complete


def test_dropped_exchange_has_no_status() -> None:
    """An exchange without a response is recorded without a status."""
    exchange, ledger = receive(BytesContent(b"x"))
    exchange.drop()
    assert [(e.status, e.sent, e.length) for e in ledger] == [(None, 0, 1)]


def test_refusal_is_recorded_at_once_and_has_an_answer() -> None:
    """Unknown hosts get 403 and down hosts 502, and both refusals are recorded at once."""
    ledger = list[Exchange]()
    reception = Reception(OnePage(BytesContent()), record=ledger.append, clock=lambda: 200.0)
    assert reception.refuse(Request("GET", URL)) is None
    unknown = reception.refuse(Request("CONNECT", "https://pypi.org:443"))
    down = reception.refuse(Request("GET", "http://down.example/"))
    assert unknown is not None
    assert down is not None
    assert (unknown.status, down.status) == (403, 502)
    assert [(e.url, e.status) for e in ledger] == [
        ("https://pypi.org:443", None),
        ("http://down.example/", None),
    ]
    assert [e.subject.fault for e in ledger] == [None, "down"]
    assert ledger[0].subject.refused == "no index of the scenario is at 'pypi.org'"


def test_another_port_of_a_served_host_is_refused() -> None:
    """A request to a port without an index is refused, and the reason names the port."""
    ledger = list[Exchange]()
    reception = Reception(OnePage(BytesContent()), record=ledger.append, clock=lambda: 200.0)
    for method, url in (("CONNECT", "https://index.example:22"), ("GET", "http://index.example/")):
        refusal = reception.refuse(Request(method, url))
        assert refusal is not None
        assert refusal.status == 403
    assert [e.subject.refused for e in ledger] == [
        "no index of the scenario is at port 22 of index.example",
        "no index of the scenario is at port 80 of index.example",
    ]


def test_nothing_is_recorded_after_the_end() -> None:
    """An exchange that ends after its play is not recorded."""
    ledger = list[Exchange]()
    reception = Reception(OnePage(BytesContent(b"x")), record=ledger.append, clock=lambda: 200.0)
    exchange = reception.receive(Request("GET", URL))
    assert not reception.settle(0)
    reception.end()
    exchange.close()
    reception.refuse(Request("GET", "http://down.example/"))
    assert reception.settle(0)
    assert ledger == []
