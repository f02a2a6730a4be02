"""A real server on loopback with scripted answers and a count of requests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pytest_indexcache.messages import Headers, Request


@dataclass(frozen=True, slots=True)
class Answer:
    """A scripted answer; ``cut_after`` closes the connection after this many bytes of the body.

    ``reset`` closes the connection before any byte. ``fields`` are sent in addition to
    Content-Length and Date.
    """

    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after: int | None = None
    reset: bool = False


@dataclass
class ScriptedServer:
    """A running server: its base URL, the requests it received, and its answers."""

    url: str
    answer: Callable[[Request], Answer]
    requests: list[Request] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Request], Answer], tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        scheme = "http" if tls is None else "https"
        self.scripted = ScriptedServer(f"{scheme}://127.0.0.1:{self.server_port}", answer)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect or do not trust the certificate."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def parse_request(self) -> bool:
        """Read a request's head; every method is answered in the same way."""
        if not super().parse_request():
            return False
        self._answer(self.server.scripted)
        return False

    def _answer(self, scripted: ScriptedServer) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = Headers.of(self.headers.items())
        # who asks a proxy names the whole URL
        url = self.path if self.path.startswith("http:") else scripted.url + self.path
        request = Request(self.command, url, headers, body)
        scripted.requests.append(request)
        scripted.connections.add(self.client_address)
        answer = scripted.answer(request)
        if answer.reset:
            self.close_connection = True
            return
        self.send_response(answer.status)
        has_body = answer.status not in (204, 304)
        fields = {"Content-Length": str(len(answer.body))} if has_body else {}
        for name, value in {**fields, **answer.fields}.items():
            self.send_header(name, value)
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut_after])
        self.wfile.flush()
        if answer.cut_after is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests."""


@contextmanager
def serving(
    answer: Callable[[Request], Answer], *, tls: ssl.SSLContext | None = None
) -> Iterator[ScriptedServer]:
    """Run a server on a free port of loopback while the context lasts."""
    with _Server(answer, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.scripted
        finally:
            server.shutdown()
            thread.join()
