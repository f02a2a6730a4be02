"""A loopback proxy that terminates its own tunnels: ``CONNECT host:443`` opens a TLS server.

It is based on werkzeug's threaded WSGI server. The original closes the connection after every
response, waits up to 10 ms for stray input before closing it, sends the head and the body
separately, and prints a line for each request. This version does none of these.
"""

from __future__ import annotations

import errno
import selectors
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from pytest_indexcache.index.exchanges.handler import LARGEST_REQUEST_BODY
from pytest_indexcache.index.wire.request_reader import (
    check_fields,
    check_request_line,
    read_body,
    read_head,
    request_url,
    tunnel_url,
)
from pytest_indexcache.index.wire.response_writer import ResponseWriter
from pytest_indexcache.messages import Headers, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REQUEST: Final = "pytest_indexcache.request"
"""The key in the WSGI environment for the received request, which is a :class:`Request`."""

_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
_SEND_BUFFER: Final = 1 << 18
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class TunnelServer(ThreadedWSGIServer):
    """Accepts connections on a free loopback port, and serves each in a separate thread.

    ``app`` is also called for each ``CONNECT``. If it answers with 200, this server also serves the
    tunnel, using the TLS settings that ``server_context`` returns for the host. If ``app`` raises
    ConnectionResetError, the connection is reset; if it raises ConnectionAbortedError, the
    connection is closed after the bytes that have been written. Any other error is added to
    ``errors`` and not printed. If a TLS handshake fails, ``report_failed_connection`` is called
    with the ``CONNECT`` and the reason.

    :raises OSError: if no port is free
    """

    daemon_threads = True

    def __init__(
        self,
        app: WSGIApplication,
        *,
        server_context: Callable[[str], ssl.SSLContext],
        report_failed_connection: Callable[[Request, str], None],
        errors: list[Exception],
    ) -> None:
        self.server_context = server_context
        self.report_failed_connection = report_failed_connection
        self.errors = errors
        self.connections: dict[threading.Thread, socket.socket] = {}
        with socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG) as listener:
            # Bytes in the buffer count as sent, so a large buffer would hide that a client has
            # disconnected. Connections inherit the buffer size.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            super().__init__(_LOOPBACK, 0, app, ConnectionHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in a separate thread."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name=f"indexcache connection {client_address[1]}",
            daemon=True,
        )
        self.connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection until it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self.connections[threading.current_thread()]

    def close_connections(self, attempts: int = 100) -> bool:
        """Close all connections, idle or not; return whether all of their threads have ended."""
        for _ in range(attempts):
            for thread, connection in self.connections.copy().items():
                # SSLSocket's own method would drop the TLS state while its thread uses it.
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
                thread.join(0.02)
            if not self.connections:
                return True
        return False

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Record the error that has ended a connection."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.errors.append(error)


class ConnectionHandler(WSGIRequestHandler):
    """A connection: requests to the proxy and, after a ``CONNECT``, requests through the tunnel."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: TunnelServer
    tunnel: Request | None = None
    tunnel_was_used = False

    def setup(self) -> None:
        """Open the connection's file objects, and register the connection with the server."""
        self.server.connections[threading.current_thread()] = self.request
        super().setup()

    def handle(self) -> None:
        """Answer requests until the client or the server closes the connection."""
        try:
            super(WSGIRequestHandler, self).handle()
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):
            return  # the client has disconnected, or the server is stopping
        except ssl.SSLError as error:
            if self.tunnel and not self.tunnel_was_used:
                reason = (error.reason or str(error)).replace("_", " ").lower()
                text = f"the TLS handshake with {self.tunnel.host} failed: {reason}"
                self.server.report_failed_connection(self.tunnel, text)
        except OSError as error:
            # Raised for a client that was killed before the TLS handshake.
            if error.errno != errno.ENOTCONN:
                raise

    def finish(self) -> None:
        """Close the connection's file objects and the TLS socket of its tunnel."""
        super().finish()
        if self.tunnel:
            self.connection.close()

    def parse_request(self) -> bool:
        """Parse a complete head; if the request is invalid, refuse it and return False.

        :raises ConnectionAbortedError: if the client disconnects before the end of the head
        """
        lines = read_head(self.raw_requestline, self.rfile)
        connection, self.rfile = self.rfile, BytesIO(lines)
        try:
            is_request = super().parse_request()
        finally:
            self.rfile = connection
        return is_request and self._check_fields(lines)

    def _check_fields(self, lines: bytes) -> bool:
        try:
            check_request_line(self.raw_requestline)
            check_fields(lines, self.request_version)
        except ValueError as error:
            self.send_error(400, str(error))
            return False
        return True

    def run_wsgi(self) -> None:
        """Answer one request, and keep the connection open unless either side closes it."""
        try:
            request = self._read_request()
        except ValueError as error:
            self.send_error(400, str(error))
            return
        self.tunnel_was_used = self.tunnel is not None
        status = self._respond(request)
        if self.command == "CONNECT":
            self.close_connection = status != 200
            if status == 200:
                self._open_tunnel(request)

    def _respond(self, request: Request) -> int | None:
        environ = self.make_environ()
        environ[REQUEST] = request
        writer = ResponseWriter(self.wfile.write, is_head=self.command == "HEAD")
        pieces = None
        try:
            pieces = self.server.app(environ, writer.start)
            for piece in pieces:
                writer.write(piece)
            writer.end()
            self.close_connection |= writer.closes
        except ConnectionResetError:
            self._reset()
        except ConnectionAbortedError:
            writer.flush()
            self.close_connection = True
        finally:
            if (close := getattr(pieces, "close", None)) is not None:
                close()
        return writer.status

    def _open_tunnel(self, request: Request) -> None:
        self.tunnel = request
        self.rfile.close()
        self.request = self.server.server_context(request.host).wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        self.setup()
        self.request.do_handshake()

    def _reset(self) -> None:
        """Drop the connection with RST instead of FIN."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.rfile.close()
        self.connection.close()

    def _read_request(self) -> Request:
        target = self.requestline.split()[1]  # ``path`` lacks repeated slashes at its start
        headers = Headers(tuple(self.headers.items()))
        if self.command == "CONNECT":
            return Request("CONNECT", tunnel_url(target), headers)
        scheme = "https" if self.tunnel else "http"
        host = headers.get("Host") or (self.tunnel.url.partition("//")[2] if self.tunnel else "")
        url = request_url(target, host, scheme)
        body = read_body(self.rfile, headers, LARGEST_REQUEST_BODY)
        return Request(self.command, url, headers, body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Print nothing, because the ledger contains everything relevant."""


def stays_connected(connection: socket.socket, seconds: float) -> bool:
    """Wait for some seconds, and return whether the client is still connected afterwards.

    The request has been read completely, and pipelined requests are not expected. Therefore, any
    data on the connection means that the client is closing it (a FIN, or a TLS alert before that).
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return not selector.select(seconds)
