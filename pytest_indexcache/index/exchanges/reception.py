"""Receive a request on either transport: refuse or answer it, and record the exchange.

An exchange is recorded just before its last byte is sent, so it is in the ledger by the time the
client has received the whole response. If the client closes the connection before that, the
exchange is recorded when the connection is closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from pytest_indexcache.index.exchanges.framing import frame
from pytest_indexcache.index.exchanges.handler import Clock, Handler, Record
from pytest_indexcache.messages import (
    BytesContent,
    Content,
    Delivery,
    Exchange,
    Headers,
    Request,
    Response,
    Subject,
)

LARGEST_PIECE: Final = 1 << 16
"""The size in bytes of the pieces of a body, which is also the precision of ``Exchange.sent``."""

_DROPPED: Final = Delivery(drops="reset")


class Reception:
    """Receives the requests during one play, from any number of threads.

    ``record`` is only called by one thread at a time, and not after :meth:`end`.
    """

    def __init__(self, handler: Handler, *, record: Record, clock: Clock) -> None:
        self._handler = handler
        self._record = record
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._has_ended = False

    def admits(self, request: Request) -> bool:
        """Return whether the requested host and port are served and the host is not down."""
        is_served = request.origin in self._handler.origins
        return is_served and self._handler.is_reachable(request.host)

    def refuse(self, request: Request) -> Response | None:
        """Return an error response if the host is down or not served, and otherwise None.

        Each refused request is recorded as an exchange without a status, because no index has
        answered it. If the host and port are not served, ``subject.refused`` is set in this
        exchange; if the host is down, ``subject.fault`` is ``down``.
        """
        if self.admits(request):
            return None
        if request.origin in self._handler.origins:
            text = f"{request.host} is down"
            status, subject = 502, Subject(fault="down")
        else:
            text = f"no index of the scenario is at {self._unserved(request)}"
            status, subject = 403, Subject(refused=text)
        self._write(request, Response(status, delivery=_DROPPED, subject=subject), sent=0)
        headers = Headers((("Content-Type", "text/plain; charset=utf-8"),))
        return Response(status, headers, BytesContent(f"{text}\n".encode("utf-8", "replace")))

    def _unserved(self, request: Request) -> str:
        host, port = request.origin
        is_known = any(origin.host == host for origin in self._handler.origins)
        return f"port {port} of {host}" if is_known else repr(host or request.url)

    def receive(self, request: Request) -> OpenExchange:
        """Answer a request that :meth:`refuse` has not refused, and return the open exchange."""
        response = self._handler.handle(request, self._clock())
        exchange = OpenExchange(self, request, response)
        with self._changed:
            self._under_way += 1
        return exchange

    def report_failed_connection(self, request: Request, reason: str) -> None:
        """Record a connection that failed before any request was sent over it."""
        subject = Subject(refused=reason)
        self._write(request, Response(502, delivery=_DROPPED, subject=subject), sent=0)

    def finish(self, exchange: OpenExchange) -> None:
        """Record an exchange that is complete."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
            self._write(exchange.request, exchange.response, sent=exchange.sent)

    def settle(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds for all exchanges to end; return whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, timeout)

    def end(self) -> None:
        """Stop recording."""
        with self._changed:
            self._has_ended = True

    def _write(self, request: Request, response: Response, *, sent: int) -> None:
        with self._changed:
            if not self._has_ended:
                self._record(Exchange.of(request, response, sent=sent, at=self._clock()))


class OpenExchange:
    """A request, its response, and the number of bytes of the body that have been sent so far."""

    def __init__(self, reception: Reception, request: Request, response: Response) -> None:
        self.request = request
        self.response = response
        self.framing = frame(request.method, response)
        self.sent = 0
        self._reception: Reception | None = reception

    def pieces(self, pause: Callable[[], None]) -> Iterator[bytes]:
        """Yield the body in pieces to be sent; the exchange is recorded before the last piece.

        ``pause`` is called to wait if the response stalls in the middle of its body.
        """
        stop = self.framing.stop
        if not stop:
            self.close()
            return
        halt = self.response.delivery.pause_after
        for piece in _pieces(self.response.content, stop, halt):
            if halt is not None and self.sent == min(halt, stop - 1):
                halt = None
                pause()
            self.sent += len(piece)
            if self.sent >= stop:
                self.close()
            yield piece

    def drop(self) -> None:
        """Record that the request did not receive a response."""
        self.response = replace(self.response, delivery=_DROPPED)
        self.sent = 0
        self.close()

    def close(self) -> None:
        """Record the exchange in its current state, unless it has been recorded already."""
        reception, self._reception = self._reception, None
        if reception is not None:
            reception.finish(self)


def _pieces(content: Content, stop: int, halt: int | None) -> Iterator[bytes]:
    """Yield the body up to ``stop`` in pieces of at most ``LARGEST_PIECE`` bytes.

    If ``halt`` is given, one piece ends there, or before the last byte if ``halt`` is later.
    """
    if halt is not None:
        first = min(halt, stop - 1)
        yield from _pieces(content, first, None) if first else ()
        chunks = content.chunks(first, stop)
    else:
        chunks = content.chunks(0, stop)
    for chunk in chunks:
        if len(chunk) <= LARGEST_PIECE:
            yield chunk
            continue
        for start in range(0, len(chunk), LARGEST_PIECE):
            yield chunk[start : start + LARGEST_PIECE]
