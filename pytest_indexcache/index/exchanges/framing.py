"""The framing of a response: its header fields, and how much of the body is sent.

It is shared by both transports, so an installer receives the same response from either of them (RFC
9112 §6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_indexcache.messages import Headers, Response

_BODILESS: Final = frozenset({204, 304})
_LINE_BREAKS: Final = str.maketrans("\r\n\0", "   ")


@dataclass(frozen=True, slots=True)
class Framing:
    """The header fields of one response, and the announced and sent lengths of its body.

    ``announced`` is the length of the body according to the header, and ``stop`` is the number of
    bytes that are sent. If ``stop`` is less than ``announced``, the connection is closed after
    these bytes.
    """

    headers: Headers
    announced: int
    stop: int

    @property
    def is_cut(self) -> bool:
        """Whether the connection is closed before the end of the body."""
        return self.stop < self.announced


def frame(method: str, response: Response) -> Framing:
    """Frame the response to a request that uses this method.

    Header fields are sent unchanged, but Content-Length is added if it is missing. If
    Content-Length is wrong, it is kept, and no more bytes are sent than it announces.
    """
    length = response.content.length
    headers = _with_length(response, length)
    # RFC 9110 §9.3.2, §15.3.5, §15.4.5: a response to HEAD, a 204 and a 304 have no content.
    if method == "HEAD" or response.status in _BODILESS:
        return Framing(headers, announced=0, stop=0)
    announced = length if is_chunked(headers) else _content_length(headers, length)
    cut_after = response.delivery.cut_after
    stop = min(length, announced, announced if cut_after is None else cut_after)
    return Framing(headers, announced, stop)


def _with_length(response: Response, length: int) -> Headers:
    headers = Headers(tuple([(name, _on_one_line(value)) for name, value in response.headers]))
    # RFC 9112 §6.2: no Content-Length in a message that contains a Transfer-Encoding field.
    if "Transfer-Encoding" in headers:
        return headers.without("Content-Length")
    if response.status in _BODILESS:
        return headers
    return headers.setdefault("Content-Length", str(length))


def _on_one_line(value: str) -> str:
    return value if value.isprintable() else value.translate(_LINE_BREAKS)


def is_chunked(headers: Headers) -> bool:
    """Return whether a body is sent in chunks instead of with a Content-Length (RFC 9112 §7.1)."""
    codings = (headers.get("Transfer-Encoding") or "").lower().split(",")
    return "chunked" in (coding.strip() for coding in codings)


def _content_length(headers: Headers, otherwise: int) -> int:
    value = (headers.get("Content-Length") or "").strip()
    return int(value) if value.isascii() and value.isdigit() else otherwise
