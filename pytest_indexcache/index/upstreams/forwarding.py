"""Forward a request unchanged to a real server, and return its response unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from pytest_indexcache.messages import BytesContent, Content, Headers, Request, Response

_HOP_BY_HOP: Final = (
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)
"""Hop-by-hop header fields, which are not forwarded (RFC 9110 §7.6.1)."""

READABLE_CODINGS: Final = ("gzip", "x-gzip", "deflate", "identity")
"""The content codings that are requested; pages with other codings could not be decoded."""

_LARGEST_IN_MEMORY: Final = 1 << 20
_TIMEOUT: Final = httpx.Timeout(60.0, connect=20.0)


class ForwardingError(Exception):
    """Raised if a server cannot be reached or does not answer."""


class Forwarder:
    """Sends requests to real servers, but does not follow redirects or store cookies.

    It is thread-safe. Unless a transport is given, proxies and certificate authorities are taken
    from the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``), as in any httpx client. :meth:`close`
    closes all connections.
    """

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.Client(timeout=_TIMEOUT, limits=limits, transport=transport)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, request: Request) -> Response:
        """Send a request to the real server at the request's URL, and return the response.

        Hop-by-hop header fields are removed from both. The body of the response keeps its content
        coding. If it is large, it is streamed from the server and not held in memory.

        :raises ForwardingError: if the server cannot be reached or does not answer
        """
        asked = httpx.Request(
            request.method,
            request.url,
            headers=_encoded(_readable(end_to_end(request.headers)).without("Host")),
            content=request.body or None,
        )
        try:
            answer = self._client.send(asked, stream=True, auth=_no_auth)
            content = _content_of(answer, request.method)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ForwardingError(str(error) or type(error).__name__) from error
        return Response(answer.status_code, _fields(answer), content)


def end_to_end(headers: Headers) -> Headers:
    """Return the header fields without hop-by-hop fields (RFC 9110 §7.6.1)."""
    named = [name.strip() for name in (headers.get("Connection") or "").split(",")]
    return headers.without(*_HOP_BY_HOP, *filter(None, named))


def decoded_body(response: Response) -> bytes | None:
    """Return a response's whole body without content coding, or None if decoding fails."""
    coding = response.headers.get("Content-Encoding") or "identity"
    body = b"".join(response.content.chunks(0, response.content.length))
    if coding.strip().lower() == "identity":
        return body
    if coding.strip().lower() not in READABLE_CODINGS:
        return None
    fields = {"Content-Encoding": coding.strip().lower().removeprefix("x-")}
    try:
        return httpx.Response(200, headers=fields, content=body).content
    except httpx.DecodingError:
        return None


@dataclass(frozen=True)
class PassingContent:
    """A body that is still being received, so it can only be read once, from the beginning."""

    answer: httpx.Response
    length: int

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes up to ``stop``, or fewer if the server fails; ``start`` must be 0."""
        assert start == 0, "a passing body is read from its start"
        left = stop
        try:
            for piece in self.answer.iter_raw():
                yield piece[:left]
                left -= len(piece[:left])
        except httpx.HTTPError:
            return  # the client gets a body that is too short, as it would without the gateway
        finally:
            self.answer.close()


def _content_of(answer: httpx.Response, method: str) -> Content:
    length = answer.headers.get("Content-Length", "")
    is_known = method != "HEAD" and length.isascii() and length.isdigit()
    if is_known and int(length) > _LARGEST_IN_MEMORY and answer.status_code in (200, 206):
        return PassingContent(answer, int(length))
    pieces: list[bytes] = []
    try:
        pieces.extend(answer.iter_raw())
    except httpx.HTTPError:
        if not pieces:
            raise
    finally:
        answer.close()
    return BytesContent(b"".join(pieces))


def _no_auth(request: httpx.Request) -> httpx.Request:
    """Return the request unchanged; as ``auth``, this stops httpx from sending URL credentials."""
    return request


def _readable(headers: Headers) -> Headers:
    """Return request header fields whose Accept-Encoding lists only codings that can be decoded."""
    asked = headers.get("Accept-Encoding")
    if asked is None:
        return headers
    codings = [each.strip() for each in asked.split(",")]
    kept = [
        coding for coding in codings if coding.partition(";")[0].strip().lower() in READABLE_CODINGS
    ]
    return (
        headers
        if kept == codings
        else headers.set("Accept-Encoding", ", ".join(kept) or "identity")
    )


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    # Each character of a field stands for one byte, as it was read (PEP 3333).
    return [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers]


def _fields(answer: httpx.Response) -> Headers:
    """Return the header fields of a response; a chunked response stays chunked."""
    raw = answer.headers.raw
    sent = Headers(tuple((name.decode("latin-1"), _text(value)) for name, value in raw))
    codings = (sent.get("Transfer-Encoding") or "").lower()
    kept = end_to_end(sent)
    return kept.set("Transfer-Encoding", "chunked") if "chunked" in codings else kept


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
