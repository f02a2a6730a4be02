"""A client that sends exactly the bytes that a test gives."""

from __future__ import annotations

import socket
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pytest_indexcache.index.wire.gateway import Gateway


class WireClient:
    """One connection to a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        address = urlsplit(gateway.proxy_url)
        assert address.hostname is not None
        assert address.port is not None
        self.socket: socket.socket = socket.create_connection((address.hostname, address.port), 10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, text: str) -> None:
        """Send characters, each as one byte."""
        self.socket.sendall(text.encode("latin-1"))

    def receive_head(self) -> str:
        """Receive up to the end of a response's head."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            head += byte
        return head.decode("latin-1")

    def receive(self, length: int) -> bytes:
        """Receive this many bytes, or fewer if the connection ends."""
        data = b""
        while len(data) < length and (piece := self.socket.recv(length - len(data))):
            data += piece
        return data

    def receive_all(self) -> bytes:
        """Receive all bytes until the gateway closes the connection."""
        return self.receive(1 << 30)

    def connect(self, host: str) -> str:
        """Ask for a tunnel, and return the head of the response."""
        self.send(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n")
        return self.receive_head()

    def trusting_settings(self) -> ssl.SSLContext:
        """Return TLS settings that trust the gateway."""
        return self._gateway.ssl_context()

    def start_tls(self, name: str | None, settings: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """Start TLS with the server of this name."""
        settings = settings or self.trusting_settings()
        secure = settings.wrap_socket(self.socket, server_hostname=name)
        self.socket = secure
        return secure
