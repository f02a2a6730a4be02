"""Write a WSGI application's response to a connection, the head together with the first bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pytest_indexcache.index.exchanges.framing import is_chunked
from pytest_indexcache.messages import Headers

_LAST_CHUNK: Final = b"0\r\n\r\n"


class ResponseWriter:
    """Writes one response; ``send`` blocks until the network has accepted the bytes.

    The head is sent together with the first bytes of the body. If it were sent separately, Nagle's
    algorithm and delayed acknowledgements would add 40 ms to each response.
    """

    def __init__(self, send: Callable[[bytes], object], *, is_head: bool) -> None:
        self.status: int | None = None
        self.closes = False
        self._send = send
        self._has_body = not is_head
        self._is_chunked = False
        self._head = b""

    def start(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG002
        /,
    ) -> Callable[[bytes], object]:
        """Set the status and the header fields (PEP 3333); they are sent with the first bytes."""
        self.status = int(status.split(" ", 1)[0])
        fields = Headers(tuple(headers))
        # RFC 9112 §9.6: the sender of "close" closes the connection after this response.
        self.closes = "close" in (fields.get("Connection") or "").lower()
        self._is_chunked = is_chunked(fields)
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self._head = "\r\n".join(lines).encode("latin-1")
        return self.write

    def write(self, piece: bytes) -> None:
        """Send a piece of the body, preceded by the head if this is the first piece."""
        if piece and self._is_chunked:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        head, self._head = self._head, b""
        self._send(head + piece if head else piece)

    def flush(self) -> None:
        """Send the head if it has not been sent yet."""
        if self._head:
            self.write(b"")

    def end(self) -> None:
        """Send the end of a complete body, such as its last chunk."""
        if self._is_chunked and self._has_body:
            self._head += _LAST_CHUNK
        self.flush()
