"""Use range requests (RFC 9110 14) to read parts of a file without downloading all of it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.reference.http_cache.origin import StreamedResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

END: Final = 64 << 10
"""How many bytes at the end of a wheel are requested first.

In most wheels, these bytes contain METADATA and the archive's directory, because PEP 427 recommends
that the files in dist-info are placed "physically at the end of the archive".
"""

_LEAST: Final = 16 << 10
_MOST: Final = 64 << 20


OpenPart = Callable[[str], AbstractContextManager[StreamedResponse | None]]
"""A function that requests a range of a file, and returns a context manager.

The context manager yields the response, or None if the index refuses the request.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a file that begins at byte ``first``; ``total`` is the size of the whole file.

    The validators, such as the entity tag, belong to the whole file.
    """

    first: int
    data: bytes
    total: int
    validators: tuple[str | None, str | None]

    @property
    def stop(self) -> int:
        """The position after the last byte of the part."""
        return self.first + len(self.data)

    def is_of_same(self, other: Part) -> bool:
        """Return whether two parts are from the same version of a file."""
        return (self.total, self.validators) == (other.total, other.validators)


def read_part(response: StreamedResponse | None, most: int) -> Part:
    """Read the part of a file in a response, which must not be longer than ``most`` bytes.

    :raises IndexResponseError: if the response is not a part, or is longer than ``most`` bytes
    :raises ConnectionFailedError: if the body did not arrive completely
    """
    part = response.part if response else None
    if response is None or part is None or part.length > most:
        raise _broken("it sent a different part from the requested one")
    data = bytearray()
    for chunk in response.chunks:
        data += chunk
        if len(data) > part.length:
            break
    if len(data) != part.length:
        raise _broken("a part has another length than its Content-Range says")
    validators = response.headers.get("ETag"), response.headers.get("Last-Modified")
    return Part(part.first, bytes(data), part.total, validators)


def open_parts(ask: OpenPart, end: Part) -> io.BufferedReader:
    """Return a file object that requests bytes as they are read; ``end`` is its last part."""
    if end.stop != end.total:
        raise _broken("the part that was requested as the end of a file is not its end")
    return io.BufferedReader(_RemoteFile(ask, end), _LEAST)


class _RemoteFile(io.RawIOBase):
    def __init__(self, ask: OpenPart, end: Part) -> None:
        self._ask = ask
        self._parts = [end]
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._parts[0].total}[
            whence
        ]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if self._place >= self._parts[0].total or not view:
            return 0
        part = self._part_at(self._place, self._place + len(view))
        data = part.data[self._place - part.first :][: len(view)]
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _part_at(self, first: int, stop: int) -> Part:
        """Return a part that contains the byte at ``first``; it is requested if necessary.

        The requested part ends before ``stop``, or where the next known part begins.
        """
        for known in self._parts:
            if known.first <= first < known.stop:
                return known
        stop = min([stop, *(piece.first for piece in self._parts if piece.first > first)])
        if stop - first > _MOST:
            raise _broken("METADATA and the archive's directory take more bytes than is plausible")
        with self._ask(f"bytes={first}-{stop - 1}") as response:
            part = read_part(response, stop - first)
        if part.first != first or not part.is_of_same(self._parts[0]):
            raise _broken("it sent parts of different files")
        self._parts.append(part)
        return part


def _broken(problem: str) -> IndexResponseError:
    return IndexResponseError(
        f"the index does not answer ranges as RFC 9110 says: {problem}",
        hint="report it to the operator of the index",
    )
