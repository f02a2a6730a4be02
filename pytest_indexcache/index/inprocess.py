"""The transport inside the process: a handler is mounted behind respx, without any sockets.

A client receives the same responses as over the wire: bodies arrive piece by piece, and if the
connection would break, the corresponding httpx error is raised.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import httpx
import respx

from pytest_indexcache.index.exchanges.handler import LARGEST_REQUEST_BODY, Clock, Handler, Record
from pytest_indexcache.index.exchanges.reception import OpenExchange, Reception
from pytest_indexcache.messages import Headers, Request

Sleep = Callable[[float], None]


def mount(
    handler: Handler, *, record: Record, clock: Clock, sleep: Sleep = time.sleep
) -> httpx.BaseTransport:
    """Return a transport through which httpx clients reach the handler.

    The transport is also an ``httpx.AsyncBaseTransport``. Exchanges are recorded in the order in
    which they end, as in ``Gateway.serving``. For a host that is down or not served,
    ``httpx.ConnectError`` is raised. ``sleep`` is called to delay slow responses.
    """
    reception = Reception(handler, record=record, clock=clock)
    return httpx.MockTransport(_router(reception, sleep).handler)


@contextmanager
def mounted(
    handler: Handler, *, record: Record, clock: Clock, sleep: Sleep = time.sleep
) -> Iterator[None]:
    """Route all requests from httpx clients in this process to the handler, not to the network."""
    reception = Reception(handler, record=record, clock=clock)
    try:
        with _router(reception, sleep):
            yield
    finally:
        reception.end()


class _Router(respx.MockRouter):
    def record(
        self,
        request: httpx.Request,
        *,
        response: httpx.Response | None = None,
        route: respx.Route | None = None,
    ) -> None:
        """Do nothing: respx's own log would keep all requests and responses of a play in memory."""


class _Route(respx.Route):
    """The only route of the respx router; it passes each request to the :class:`Reception`."""

    def __init__(self, reception: Reception, sleep: Sleep) -> None:
        super().__init__()
        self._reception = reception
        self._sleep = sleep

    def match(self, request: httpx.Request) -> httpx.Response:
        """Answer a request directly instead of using respx's own matching."""
        return _answer(self._reception, request, self._sleep)


def _router(reception: Reception, sleep: Sleep) -> _Router:
    router = _Router(assert_all_called=False)
    router.routes.add(_Route(reception, sleep))
    return router


def _answer(reception: Reception, request: httpx.Request, sleep: Sleep) -> httpx.Response:
    message = _message(request)
    _connect(reception, request, message)
    exchange = reception.receive(message)
    _wait(exchange, request, sleep)
    drops = exchange.response.delivery.drops
    if drops:
        exchange.drop()
        if drops == "close":
            text = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(text, request=request)
        raise httpx.ReadError("Connection reset by peer", request=request)
    if not exchange.framing.stop:
        exchange.close()
    return httpx.Response(
        exchange.response.status,
        headers=[(name.encode(), value.encode()) for name, value in exchange.framing.headers],
        stream=_ReplyStream(exchange, request, sleep),
        request=request,
    )


def _message(request: httpx.Request) -> Request:
    origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
    target = request.url.raw_path.decode("ascii")
    fields = (
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    )
    body = request.content[:LARGEST_REQUEST_BODY]
    return Request(request.method, origin + target, Headers(tuple(fields)), body)


def _connect(reception: Reception, request: httpx.Request, message: Request) -> None:
    """Raise ConnectError if the transport over the wire would refuse the connection."""
    if reception.admits(message):
        return
    if request.url.scheme == "https":
        port = "" if request.url.port else ":443"
        message = Request("CONNECT", f"https://{request.url.netloc.decode('ascii')}{port}")
    if reception.refuse(message) is not None:
        raise httpx.ConnectError("Connection refused", request=request)


def _wait(exchange: OpenExchange, request: httpx.Request, sleep: Sleep) -> None:
    delivery = exchange.response.delivery
    delay = delivery.delay if delivery.pause_after is None else 0.0
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and delay > patience:
        sleep(patience)
        exchange.drop()
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if delay:
        sleep(delay)


class _ReplyStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an exchange as an httpx byte stream."""

    def __init__(self, exchange: OpenExchange, request: httpx.Request, sleep: Sleep) -> None:
        self._exchange = exchange
        self._request = request
        self._sleep = sleep

    def _pause(self) -> None:
        delay = self._exchange.response.delivery.delay
        patience = self._request.extensions.get("timeout", {}).get("read")
        if patience is not None and delay > patience:
            self._sleep(patience)
            raise httpx.ReadTimeout("The read operation timed out", request=self._request)
        self._sleep(delay)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._exchange.pieces(self._pause)
        sent, announced = self._exchange.sent, self._exchange.framing.announced
        if sent < announced:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {sent} bytes, expected {announced})",
                request=self._request,
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self._exchange.close()

    async def aclose(self) -> None:
        self._exchange.close()
