"""Read files from real indexes; for wheels, read only the parts that are needed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, Final
from urllib.parse import urljoin

from pytest_indexcache.messages import Response

Ask = Callable[[str, str], Response]
"""A function that sends a GET request for a URL.

The second argument is the value of the ``Range`` field, or empty for a request without it.
"""

_LARGEST: Final = 1 << 31
"""The maximum size in bytes of a file that is read as a whole."""

_BLOCK: Final = 1 << 16
_MOST_REDIRECTS: Final = 5
_PART: Final = re.compile(r"bytes ([0-9]+)-[0-9]+/([0-9]+)", re.ASCII)


def open_remote(ask: Ask, url: str, *, by_ranges: bool) -> IO[bytes] | None:
    """Open the file at a URL for reading; return None if the server does not send it.

    Redirects are followed. With ``by_ranges``, the parts of the file are requested when they are
    first read, if the server supports ranges.
    """
    response, url = _followed(ask, url, f"bytes=0-{_BLOCK - 1}" if by_ranges else "")
    if response.status == 206:
        part = _PART.fullmatch(response.headers.get("Content-Range") or "")
        if part is not None and part[1] == "0":
            return io.BufferedReader(_RangedFile(ask, url, int(part[2]), _body(response)), _BLOCK)
        response, url = _followed(ask, url, "")
    if response.status != 200 or response.content.length > _LARGEST:
        return None
    file = TemporaryFile()  # noqa: SIM115
    for piece in response.content.chunks(0, response.content.length):
        file.write(piece)
    file.seek(0)
    return file


def _followed(ask: Ask, url: str, byte_range: str) -> tuple[Response, str]:
    """Return the response for a URL after redirects, and the URL of that response."""
    for _ in range(_MOST_REDIRECTS):
        response = ask(url, byte_range)
        location = response.headers.get("Location")
        if location is None or not 300 <= response.status < 400:
            break
        url = urljoin(url, location)
    return response, url


def _body(response: Response) -> bytes:
    return b"".join(response.content.chunks(0, response.content.length))


class _RangedFile(io.RawIOBase):
    """A file at a URL; each block is requested once, when it is first read.

    Reading raises OSError if the server does not send a block.
    """

    def __init__(self, ask: Ask, url: str, size: int, first: bytes) -> None:
        self._ask = ask
        self._url = url
        self._size = size
        self._at = 0
        self._blocks = {0: first}

    def readable(self) -> bool:
        """Return True, because the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return True, because the position can be changed."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, counted from the start, the current position or the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read bytes of the current block into a buffer, and return their number; 0 at the end."""
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, _BLOCK)
        piece = self._block(number)[inside : inside + len(buffer)]
        if not piece:
            raise OSError(f"the response for {self._url} ended before its announced size")
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            start = number * _BLOCK
            end = min(start + _BLOCK, self._size) - 1
            response, _ = _followed(self._ask, self._url, f"bytes={start}-{end}")
            if response.status != 206:
                raise OSError(f"{self._url} answers a range with {response.status}")
            self._blocks[number] = _body(response)
        return self._blocks[number]
