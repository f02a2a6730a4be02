"""Content that is generated piece by piece to save memory: joined, repeated or cut."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import accumulate
from typing import Final

from pytest_indexcache.messages import BytesContent, Content

BLOCK_LENGTH: Final = 1 << 16
"""The size of one block of padding, in bytes."""


@cache
def padding_block() -> bytes:
    """Return the block of incompressible bytes that is repeated to make padding."""
    return hashlib.shake_128(b"padding").digest(BLOCK_LENGTH)


class PaddingContent:
    """Padding of any length: the same block, repeated without being copied."""

    __slots__ = ("length",)

    def __init__(self, length: int) -> None:
        self.length = length

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to ``stop``, at most one block at a time."""
        block = padding_block()
        stop = min(stop, self.length)
        while start < stop:
            offset = start % BLOCK_LENGTH
            end = min(BLOCK_LENGTH, offset + stop - start)
            yield block if end - offset == BLOCK_LENGTH else block[offset:end]
            start += end - offset


class JoinedContent:
    """The concatenation of several contents."""

    def __init__(self, parts: Sequence[Content]) -> None:
        self._parts = [part for part in parts if part.length]
        self._ends = list(accumulate(part.length for part in self._parts))
        self.length = self._ends[-1] if self._ends else 0

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to ``stop``, in the chunks that the parts yield."""
        stop = min(stop, self.length)
        number = bisect_right(self._ends, start)
        while start < stop:
            part, end = self._parts[number], self._ends[number]
            first = end - part.length
            yield from part.chunks(start - first, min(stop, end) - first)
            start, number = end, number + 1


class PartContent:
    """The bytes of another content from ``start`` to ``stop``."""

    __slots__ = ("_start", "_whole", "length")

    def __init__(self, whole: Content, start: int, stop: int) -> None:
        self._whole = whole
        self._start = start
        self.length = max(0, min(stop, whole.length) - start)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to ``stop``, counted from the beginning of this part."""
        yield from self._whole.chunks(self._start + start, self._start + min(stop, self.length))


def joined(parts: Sequence[Content]) -> Content:
    """Concatenate several contents; adjacent contents that are in memory are merged into one."""
    merged: list[Content] = []
    waiting: list[bytes] = []
    for part in parts:
        if isinstance(part, BytesContent):
            waiting.append(part.data)
            continue
        merged += [BytesContent(b"".join(waiting)), part]
        waiting = []
    rest = BytesContent(b"".join(waiting))
    return JoinedContent([*merged, rest]) if merged else rest


def read(content: Content) -> bytes:
    """Return all of the content as bytes; only use this for content that is known to be small."""
    return content.data if isinstance(content, BytesContent) else b"".join(_all(content))


class Digests:
    """The hexadecimal digests of some content; each is computed when it is first needed."""

    def __init__(self, content: Content) -> None:
        self._content = content

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 digest."""
        return self._digest("sha256")

    @cached_property
    def sha512(self) -> str:
        """The SHA-512 digest."""
        return self._digest("sha512")

    @cached_property
    def sha1(self) -> str:
        """The SHA-1 digest."""
        return self._digest("sha1")

    @cached_property
    def md5(self) -> str:
        """The MD5 digest."""
        return self._digest("md5")

    def _digest(self, algorithm: str) -> str:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for chunk in _all(self._content):
            digest.update(chunk)
        return digest.hexdigest()


def _all(content: Content) -> Iterator[bytes]:
    return content.chunks(0, content.length)
