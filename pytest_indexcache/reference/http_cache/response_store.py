"""Where the HTTP cache keeps responses: files that appear whole or not at all.

A folder ``responses-2`` holds sixteen folders, in which each stored response is a file, whose name
begins with the digest of its URL::

    body | head (JSON) | footer: magic, sizes and CRC-32 of head and body

There are few folders, as to make one takes some file systems longer than to write a file.

A file is written elsewhere and then moved to its place, so that no reader, in whatever process,
meets half of one. Whatever fails its CRC counts as not there and is removed. Replacing and removing
need no lock: who has opened a file reads on in what was there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import get_ident
from typing import IO, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    ByteRange,
    StoredResponse,
    date_value,
)

Done = TypeVar("Done")

_MAGIC: Final = b"ICACHE01"
_FOOTER: Final = struct.Struct(">8sIIQI")
_CHUNK: Final = 1 << 16
_HELD_IN_MEMORY: Final = 1 << 18
_MOST_VARIANTS: Final = 32
_URL_DIGITS: Final = 64
_ABANDONED_SECONDS: Final = 24 * 3600
_NUMBER: Final = count()
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """A stored response and the file that holds it; ``length`` is the body's, in bytes."""

    head: StoredResponse
    path: str
    length: int
    crc: int
    _body: bytes | None = None

    def open(self) -> Body | None:
        """Open the body, or return None (and remove the file) if it is not what was stored."""
        if self._body is not None:
            if zlib.crc32(self._body) == self.crc:
                return Body(self._body, None)
            self.remove()
            return None
        try:
            file = open(self.path, "rb")
        except OSError:
            return None
        with suppress(OSError):
            if _crc_of(file, self.length) == self.crc:
                return Body(b"", file)
        file.close()
        self.remove()
        return None

    def remove(self) -> None:
        """Remove the file; who has opened the body can still read it."""
        with suppress(OSError):
            os.unlink(self.path)


@dataclass(frozen=True, slots=True)
class Body:
    """A stored body that was found whole; in memory if it is small."""

    _data: bytes
    _file: IO[bytes] | None

    def chunks(self, first: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``first`` to before ``stop``, in pieces; close afterwards."""
        if self._file is None:
            if first < stop:
                yield self._data[first:stop]
            return
        with self._file as file:
            file.seek(first)
            yield from _read(file, stop - first)

    def close(self) -> None:
        """Close the file below, if there is one; harmless when done again."""
        if self._file is not None:
            self._file.close()


class ResponseStore:
    """Stored responses in a folder that other threads and processes use at the same time.

    Nothing here raises because the disk is full or a folder may not be written to: what cannot be
    stored is not stored, and what cannot be read is not there.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "responses-2"
        self._folder = str(self.directory)
        self._temporary = os.path.join(self._folder, "tmp")
        self._is_swept = False

    def find(self, url: str) -> list[ResponseFile]:
        """Return what is stored for a URL, the most recent first; broken files are removed."""
        url = normal_url(url)
        read = (_read_file(path) for path in self._paths(url))
        found = [file for file in read if file is not None and file.head.url == url]
        # RFC 9111 4: "When more than one suitable response is stored, a cache MUST use the most
        # recent one (as determined by the Date header field)."
        if len(found) > 1:
            found.sort(key=lambda file: (date_value(file.head), file.head.response_time))
            found.reverse()
        return found

    def write(self, head: StoredResponse) -> StoredResponseWriter | None:
        """Start to store a response; None where nothing can be written."""
        path = f"{self._temporary}/{os.getpid()}-{get_ident()}-{next(_NUMBER)}"
        try:
            file = _in_folder(self._temporary, lambda: open(path, "xb"))
        except OSError:
            return None
        if not self._is_swept:
            self._is_swept = True
            self._sweep(path)
        return StoredResponseWriter(head, path, file, self._place(head))

    def update(self, stored: ResponseFile, head: StoredResponse) -> None:
        """Give a stored body another head, in one step."""
        body = stored.open()
        writer = self.write(head) if body is not None else None
        if body is None or writer is None:
            return
        for chunk in body.chunks(0, stored.length):
            writer.add(chunk)
        if writer.commit() and writer.place != stored.path:
            stored.remove()

    def remove_url(self, url: str) -> None:
        """Remove everything that is stored for a URL."""
        for path in self._paths(normal_url(url)):
            with suppress(OSError):
                os.unlink(path)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _paths(self, url: str) -> list[str]:
        """Return the files of a normal URL."""
        return _of_same_url(self._path(url, ""))

    def _path(self, url: str, variant: str) -> str:
        """Return where a response to a normal URL belongs."""
        digest = sha256(url.encode()).hexdigest()
        return f"{self._folder}/{digest[0]}/{digest}-{variant}"

    def _place(self, head: StoredResponse) -> str:
        """Return where a response belongs: one file a variant, and one a part of a body."""
        part = None if head.part is None else asdict(head.part)
        variant = json.dumps([head.selecting, part])
        return self._path(head.url, sha256(variant.encode()).hexdigest()[:32])

    def _sweep(self, newest: str) -> None:
        """Remove what a run that was killed left behind; the file system's own clock decides."""
        with suppress(OSError):
            limit = _modified(newest) - _ABANDONED_SECONDS
            for name in os.listdir(self._temporary):
                path = f"{self._temporary}/{name}"
                if _modified(path) < limit:
                    os.unlink(path)


class StoredResponseWriter:
    """Takes a body piece by piece; what was written counts from :meth:`commit` on."""

    def __init__(self, head: StoredResponse, path: str, file: IO[bytes], place: str) -> None:
        self.place = place
        self.length = 0
        self._head = head
        self._path = path
        self._file = file
        self._crc = 0
        self._is_open = True

    def add(self, chunk: bytes) -> None:
        """Write a piece; where the disk takes no more, all of it is given up."""
        if not self._is_open:
            return
        try:
            self._file.write(chunk)
        except OSError:
            self.discard()
            return
        self._crc = zlib.crc32(chunk, self._crc)
        self.length += len(chunk)

    def commit(self) -> bool:
        """Put the response in its place; return whether it is there."""
        if not self._is_open:
            return False
        head = _encode(self._head)
        footer = _FOOTER.pack(_MAGIC, len(head), zlib.crc32(head), self.length, self._crc)
        try:
            self._file.write(head + footer)
            self._file.close()
            _in_folder(os.path.dirname(self.place), lambda: os.replace(self._path, self.place))
        except OSError:
            self.discard()
            return False
        self._is_open = False
        _limit_variants(self.place)
        return True

    def discard(self) -> None:
        """Give up; nothing that was stored before changes."""
        if self._is_open:
            self._is_open = False
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                os.unlink(self._path)


def _in_folder(folder: str, act: Callable[[], Done]) -> Done:
    """Do something in a folder that is mostly there; make it if not."""
    try:
        return act()
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        return act()


@lru_cache(maxsize=1024)
def normal_url(url: str) -> str:
    """Return a URL as it is stored: no fragment, user or default port, host in lower case.

    Indexes write the + of local versions in both ways, and it is one file: what is sent stays as it
    was written, as some servers read a bare + as a space.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = host.removesuffix(port) if port else host
    path = re.sub("%2b", "+", parts.path, flags=re.IGNORECASE)
    return urlunsplit((parts.scheme, host, path or "/", parts.query, ""))


def _limit_variants(newest: str) -> None:
    """Keep what a URL varies into from growing without end: the oldest files go."""
    paths = _of_same_url(newest)
    if len(paths) > _MOST_VARIANTS:
        with suppress(OSError):
            oldest = min((path for path in paths if path != newest), key=_modified)
            os.unlink(oldest)


def _of_same_url(path: str) -> list[str]:
    """Return the files that are there of the URL that a file is of."""
    folder, name = os.path.split(path)
    beginning = name[: _URL_DIGITS + 1]
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [f"{folder}/{name}" for name in names if name.startswith(beginning)]


def _modified(path: str) -> float:
    return os.stat(path).st_mtime


def _encode(head: StoredResponse) -> bytes:
    record = {
        "url": head.url,
        "status": head.status,
        "headers": head.headers.fields,
        "request_time": head.request_time,
        "response_time": head.response_time,
        "selecting": head.selecting,
        "part": None if head.part is None else asdict(head.part),
    }
    return _ENCODER.encode(record).encode()


def _decode(encoded: bytes) -> StoredResponse:
    record = loads_json(encoded)
    part = record["part"]
    return StoredResponse(
        url=record["url"],
        status=record["status"],
        headers=Headers(tuple((name, value) for name, value in record["headers"])),
        request_time=record["request_time"],
        response_time=record["response_time"],
        selecting=tuple((name, value) for name, value in record["selecting"]),
        part=None if part is None else ByteRange(**part),
    )


def _read_file(path: str) -> ResponseFile | None:
    """Read a file's head, and its body if it is small; remove the file if it is broken."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            skipped = 0 if size <= _HELD_IN_MEMORY else size - _HELD_IN_MEMORY
            file.seek(skipped)
            tail = file.read()
    except OSError:
        return None
    stored = _parse(path, tail, size)
    if stored is None:
        with suppress(OSError):
            os.unlink(path)
    return stored


def _parse(path: str, tail: bytes, size: int) -> ResponseFile | None:
    if len(tail) < _FOOTER.size:
        return None
    magic, head_length, head_crc, length, crc = _FOOTER.unpack_from(tail, len(tail) - _FOOTER.size)
    start = len(tail) - _FOOTER.size - head_length
    if magic != _MAGIC or size != length + head_length + _FOOTER.size or start < 0:
        return None
    encoded = tail[start : start + head_length]
    if zlib.crc32(encoded) != head_crc:
        return None
    body = tail[:length] if size == len(tail) else None
    return ResponseFile(_decode(encoded), path, length, crc, body)


def _crc_of(file: IO[bytes], length: int) -> int:
    crc = 0
    for chunk in _read(file, length):
        crc = zlib.crc32(chunk, crc)
    return crc


def _read(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk
