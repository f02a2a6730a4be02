"""A server based on pytest-httpserver whose application serves the fake indexes during a play."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pytest_httpserver import HTTPServer

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.index.exchanges.framing import frame
from pytest_indexcache.index.exchanges.reception import OpenExchange, Reception
from pytest_indexcache.index.wire.certificates import CertificateAuthority
from pytest_indexcache.index.wire.tunnel import REQUEST, TunnelServer, stays_connected
from pytest_indexcache.messages import Headers, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_LOOPBACK: Final = "127.0.0.1"
_SECONDS_UNTIL_STOP: Final = 0.005


class IndexServer(HTTPServer):
    """Passes requests to a :class:`Reception` from :meth:`start` until :meth:`stop`.

    It uses pytest-httpserver's life cycle and list of errors. It does not keep a log, because the
    reception records exchanges. Matchers and expectations of pytest-httpserver have no effect.
    """

    def __init__(self, reception: Reception, authority: CertificateAuthority) -> None:
        super().__init__(_LOOPBACK, threaded=True)
        self._reception = reception
        self._authority = authority

    def start(self) -> None:
        """Listen on a free port, in a separate thread.

        :raises GatewayError: if no port is free
        """
        try:
            self.server = TunnelServer(
                self.answer,
                server_context=self._authority.server_context,
                report_failed_connection=self._reception.report_failed_connection,
                errors=self.handler_errors,
            )
        except OSError as error:
            hint = "check that this machine does not have too many open files or connections"
            raise GatewayError(f"no port on loopback could be opened: {error}", hint) from error
        self.port = self.server.port
        self.server_thread = threading.Thread(
            target=self.thread_target, name=f"indexcache gateway {self.port}", daemon=True
        )
        self.server_thread.start()

    def thread_target(self) -> None:
        """Accept connections until :meth:`stop` is called."""
        assert self.server is not None
        self.server.serve_forever(poll_interval=_SECONDS_UNTIL_STOP)

    def stop(self) -> None:
        """Stop listening and close all connections.

        :raises GatewayError: if the thread of a connection does not end
        """
        server = self.server
        super().stop()
        if isinstance(server, TunnelServer) and not server.close_connections():
            raise GatewayError("a connection goes on after the end of its play")

    def answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; this is a WSGI application (PEP 3333)."""
        request: Request = environ[REQUEST]
        refusal = self._reception.refuse(request)
        if request.method == "CONNECT":
            return _answer_connect(refusal, start_response)
        if refusal is not None:
            # Without a tunnel to refuse, the connection is closed instead: a status would
            # look like a response from an index.
            raise ConnectionAbortedError(f"{request.url} is out of reach")
        exchange = self._reception.receive(request)
        delivery = exchange.response.delivery
        wait = partial(stays_connected, environ["werkzeug.socket"], delivery.delay)
        if delivery.delay and delivery.pause_after is None and not wait():
            exchange.drop()
            raise ConnectionAbortedError("the client left before the response")
        if delivery.drops:
            exchange.drop()
            if delivery.drops == "close":
                raise ConnectionAbortedError("the scenario has the connection closed")
            raise ConnectionResetError("the scenario has the connection reset")
        start_response(_status_line(exchange.response), _fields(exchange.framing.headers))
        return _Body(exchange, wait)


class _Body:
    """The body of an exchange as a WSGI iterable.

    The exchange is recorded before the last byte is sent, or by ``close`` if the body ends early.
    """

    def __init__(self, exchange: OpenExchange, wait: Callable[[], bool]) -> None:
        self._exchange = exchange
        self._wait = wait

    def _pause(self) -> None:
        if not self._wait():
            raise ConnectionAbortedError("the client left before the end of the response")

    def __iter__(self) -> Iterator[bytes]:
        yield from self._exchange.pieces(self._pause)
        if self._exchange.sent < self._exchange.framing.announced:
            raise ConnectionAbortedError("the body ends before its announced end")

    def close(self) -> None:
        self._exchange.close()


def _answer_connect(refusal: Response | None, start_response: StartResponse) -> Iterable[bytes]:
    if refusal is None:
        start_response("200 Connection established", [])
        return ()
    start_response(_status_line(refusal), _fields(frame("CONNECT", refusal).headers))
    return refusal.content.chunks(0, refusal.content.length)


def _status_line(response: Response) -> str:
    try:
        return f"{response.status} {HTTPStatus(response.status).phrase}"
    except ValueError:
        return f"{response.status} Unassigned"


def _fields(headers: Headers) -> list[tuple[str, str]]:
    """Convert header fields to strings as PEP 3333 requires, with one character for each byte."""
    return [(name, value.encode("utf-8").decode("latin-1")) for name, value in headers]
