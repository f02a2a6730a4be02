"""Read a request exactly as it was sent; its URL comes from the target and the Host field."""

from __future__ import annotations

import re
from io import BufferedIOBase
from typing import Final
from urllib.parse import urlsplit

from pytest_indexcache.index.wire.chunked_bodies import chunks_of
from pytest_indexcache.messages import Headers

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_PIECE: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 16
_MOST_LINES: Final = 200
_REQUEST_LINE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.[0-9]\r?\n")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)\r?\n")


def tunnel_url(target: str) -> str:
    """Return the origin in the target of a ``CONNECT``, with the port, as in ``https://host:443``.

    :raises ValueError: if the target does not consist of a host and a port
    """
    host, _, port = target.rpartition(":")
    # RFC 9110 §9.3.6: the target consists of only the host and port number.
    if not host or not port.isdigit() or any(sign in host for sign in "/@?#"):
        raise ValueError("CONNECT takes a host and a port")
    return _checked(f"https://{target.lower()}")


def request_url(target: str, host_field: str, scheme: str) -> str:
    """Return the requested URL, with the path and query exactly as they were sent.

    ``target`` is the target in the request line, and ``host_field`` is the value of the Host field.
    The scheme's default port and any credentials are left out.

    :raises ValueError: for a string that is not a URL with this scheme
    """
    if target.startswith("/"):
        return _checked(f"{scheme}://{_authority(host_field, scheme)}{target}")
    # RFC 9112 §3.2.2: a server MUST accept the absolute-form in requests.
    authority = urlsplit(target).netloc
    if not authority or not target.lower().startswith(f"{scheme}://"):
        raise ValueError(f"only {scheme} URLs are served here")
    rest = target[len(scheme) + 3 + len(authority) :]
    path = rest if rest.startswith("/") else f"/{rest}"
    return _checked(f"{scheme}://{_authority(authority, scheme)}{path}")


def read_head(request_line: bytes, stream: BufferedIOBase) -> bytes:
    """Read the header fields that follow a request line, including the empty line at the end.

    Reading stops early if a line is too long or if there are too many lines; the parser then
    refuses the request.

    :raises ConnectionAbortedError: if the client disconnects before the end
    """
    lines: list[bytes] = []
    line = request_line
    while len(lines) <= _MOST_LINES and len(line) <= _LONGEST_LINE:
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError("the client broke off in the middle of its request")
        line = stream.readline(_LONGEST_LINE + 1)
        lines.append(line)
        if line in (b"\r\n", b"\n"):
            break
    return b"".join(lines)


def check_request_line(line: bytes) -> None:
    """Raise ValueError unless a line consists of a method, a target and a version.

    They must be separated by single spaces.

    :raises ValueError: for any other line, such as an HTTP/0.9 request, or one with other
        whitespace
    """
    # RFC 9112 §3: "If unable to parse ... SHOULD respond with a 400"; HTTP/0.9 has no fields.
    if _REQUEST_LINE.fullmatch(line) is None:
        raise ValueError("the request line is not METHOD TARGET HTTP/1.1")


def check_fields(lines: bytes, version: str) -> None:
    """Raise ValueError if two parsers could interpret a request differently (RFC 9112 §11.2).

    ``lines`` are the lines that :func:`read_head` has returned; ``version`` is the HTTP version
    from the request line.

    :raises ValueError: for an invalid field line, or for contradictory fields
    """
    names = [_field_name(line) for line in lines.splitlines(keepends=True)[:-1]]
    if "transfer-encoding" in names:
        # RFC 9112 §6.1: "A server MAY reject a request that contains both Content-Length and
        # Transfer-Encoding"; with HTTP/1.0 the framing is faulty.
        if "content-length" in names:
            raise ValueError("Content-Length and Transfer-Encoding exclude each other")
        if version < "HTTP/1.1":
            raise ValueError(f"{version} has no Transfer-Encoding")
    # RFC 9112 §3.2: 400 for "any request message that contains more than one Host".
    if names.count("host") > 1:
        raise ValueError("the request has more than one Host")


def _field_name(line: bytes) -> str:
    # RFC 9112 §5.2: "A server that receives an obs-fold in a request message ... MUST either reject
    # the message by sending a 400 (Bad Request) ... or replace".
    if line[:1] in b" \t":
        raise ValueError("a field is continued on another line")
    # RFC 9112 §5.1: no whitespace "between the field name and colon"; RFC 9110 §5.5: no CR and NUL.
    field = _FIELD.fullmatch(line)
    if field is None:
        raise ValueError("a line of the head is not a header field")
    return field[1].decode("ascii").lower()


def read_body(stream: BufferedIOBase, headers: Headers, largest: int) -> bytes:
    """Read the whole body of a request, and return at most its first ``largest`` bytes.

    :raises ValueError: if the framing of the body is invalid
    :raises ConnectionAbortedError: if the client disconnects
    """
    coding = headers.get("Transfer-Encoding")
    if coding is not None:
        # RFC 9112 §6.3: without chunked as the last coding "the server MUST respond with the 400".
        if coding.strip().lower() != "chunked":
            raise ValueError("the Transfer-Encoding is not chunked")
        return _read_chunked(stream, largest)
    length = headers.get("Content-Length") or "0"
    if not (length.isascii() and length.isdigit()):
        raise ValueError("the Content-Length is not a number")
    kept, left = bytearray(), int(length)
    while left:
        piece = stream.read(min(left, _PIECE))
        if not piece:
            raise ConnectionAbortedError("the client broke off in the middle of its request")
        kept += piece[: largest - len(kept)]
        left -= len(piece)
    return bytes(kept)


def _read_chunked(stream: BufferedIOBase, largest: int) -> bytes:
    kept = bytearray()
    for piece in chunks_of(stream):
        kept += piece[: largest - len(kept)]
    return bytes(kept)


def _authority(text: str, scheme: str) -> str:
    return text.strip().rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS[scheme])


def _checked(url: str) -> str:
    parts = urlsplit(url)
    # urlsplit validates a port only when the port is read.
    if not parts.hostname or parts.port == 0:
        raise ValueError("the request names no host")
    return url
