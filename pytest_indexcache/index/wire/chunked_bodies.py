"""Read a chunked body, and accept only what the grammar in RFC 9112 §7.1 allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Final

_PIECE: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 12
_MOST_TRAILERS: Final = 100
_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_EXTENSION: Final = rb"[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*(?:%b|%b))?" % (_TOKEN, _TOKEN, _QUOTED)
# A 64-bit number has at most 16 digits: RFC 9112 §7.1.1 warns of overflows.
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(?:%b)*\r\n" % _EXTENSION)
_TRAILER: Final = re.compile(rb"%b:[^\r\n\0]*\r\n" % _TOKEN)
_LEFT: Final = "the client broke off in the middle of its request"


def chunks_of(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the pieces of a chunked body, and then read and ignore its trailers.

    :raises ValueError: for an invalid chunk or trailer; a single CR or LF does not end a line
    :raises ConnectionAbortedError: if the client disconnects
    """
    while left := _chunk_size(stream):
        while left:
            piece = _whole(stream.read(min(left, _PIECE)), 1)
            left -= len(piece)
            yield piece
        if _whole(stream.read(2), 2) != b"\r\n":
            raise ValueError("a chunk is longer than its size")
    _skip_trailers(stream)


def _chunk_size(stream: BufferedIOBase) -> int:
    size = _CHUNK.fullmatch(_line(stream))
    if size is None:
        raise ValueError("the size of a chunk is not a hexadecimal number")
    return int(size[1], 16)


def _skip_trailers(stream: BufferedIOBase) -> None:
    for _ in range(_MOST_TRAILERS):
        line = _line(stream)
        if line == b"\r\n":
            return
        if _TRAILER.fullmatch(line) is None:
            raise ValueError("a line after the last chunk is not a header field")
    raise ValueError(f"more than {_MOST_TRAILERS} fields follow the last chunk")


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    return line if line.endswith(b"\n") else _whole(line, _LONGEST_LINE)


def _whole(data: bytes, length: int) -> bytes:
    if len(data) < length:
        raise ConnectionAbortedError(_LEFT)
    return data
