"""The files in which the HTTP cache stores responses; each is written atomically.

The folder ``responses-3`` contains a folder for each URL, named after the URL's digest. Each
variant of a response, and each part of a body, is stored in its own file::

    CRC-32 of head, head (JSON) | body | footer: length and CRC-32 of body

A file is written elsewhere and then renamed, so that no process can read an incomplete file. A file
with a wrong CRC is removed and treated as absent. No lock is needed to replace or remove a file: a
process that has opened it continues to read the old contents.
"""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    ByteRange,
    StoredResponse,
    date_value,
)
from pytest_indexcache.system.urls import normal_url

_FOOTER: Final = struct.Struct(">QI")
_CHUNK: Final = 1 << 16
_MOST_VARIANTS: Final = 32
_ABANDONED_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Body:
    """An open file that contains the body of a stored response; its checksum was verified."""

    _file: IO[bytes]
    _start: int

    def chunks(self, first: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes in the range from ``first`` to ``stop``, then close the file."""
        with self._file as file:
            file.seek(self._start + first)
            yield from _read(file, stop - first)

    def close(self) -> None:
        """Close the file; further calls have no effect."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """A stored response in a file; ``length`` is the length of its body in bytes."""

    head: StoredResponse
    path: Path
    length: int
    _start: int

    def open(self) -> Body | None:
        """Open the body; if its checksum is wrong, remove the file and return None."""
        try:
            file = self.path.open("rb")
        except OSError:
            return None
        with suppress(OSError):
            file.seek(self._start)
            crc = _crc(_read(file, self.length))
            if file.read() == _FOOTER.pack(self.length, crc):
                return Body(file, self._start)
        file.close()
        self.remove()
        return None

    def remove(self) -> None:
        """Remove the file; a body that is already open can still be read."""
        _unlink(self.path)


class ResponseStore:
    """Stores responses in a folder that other threads and processes may use at the same time.

    A full disk or a lack of write permission is not an error: a response that cannot be written is
    not stored, and a response that cannot be read is treated as absent.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "responses-3"
        self._temporary = self.directory / "tmp"
        self._is_swept = False

    def find(self, url: str) -> list[ResponseFile]:
        """Return the stored responses for a URL, most recent first; damaged files are removed."""
        read = map(_read_file, _files_in(self._folder(normal_url(url))))
        found = [file for file in read if file is not None]
        # RFC 9111 4: "When more than one suitable response is stored, a cache MUST use the most
        # recent one (as determined by the Date header field)."
        found.sort(key=lambda file: (date_value(file.head), file.head.response_time), reverse=True)
        return found

    def write(self, head: StoredResponse) -> StoredResponseWriter | None:
        """Start storing a response; return None if no file can be written."""
        try:
            self._temporary.mkdir(parents=True, exist_ok=True)
            descriptor, name = mkstemp(dir=self._temporary)
        except OSError:
            return None
        if not self._is_swept:
            self._is_swept = True
            self._sweep(Path(name))
        return StoredResponseWriter(head, Path(name), open(descriptor, "wb"), self._place(head))

    def update(self, stored: ResponseFile, head: StoredResponse) -> None:
        """Replace the head of a stored response atomically, and keep its body."""
        body = stored.open()
        writer = self.write(head) if body is not None else None
        if body is None or writer is None:
            return
        for chunk in body.chunks(0, stored.length):
            writer.add(chunk)
        if writer.commit() and writer.place != stored.path:
            stored.remove()

    def remove_url(self, url: str) -> None:
        """Remove all stored responses for a URL."""
        shutil.rmtree(self._folder(normal_url(url)), ignore_errors=True)

    def clear(self) -> None:
        """Remove all stored responses."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _folder(self, url: str) -> Path:
        return self.directory / sha256(url.encode()).hexdigest()

    def _place(self, head: StoredResponse) -> Path:
        """Return the path for a response; each variant and each part of a body has its own."""
        variant = json.dumps([head.selecting, head.part and asdict(head.part)])
        return self._folder(head.url) / sha256(variant.encode()).hexdigest()[:32]

    def _sweep(self, newest: Path) -> None:
        """Remove old files left by killed runs; their age is based on the file system's clock."""
        with suppress(OSError):
            limit = _modified(newest) - _ABANDONED_SECONDS
            for path in self._temporary.iterdir():
                if _modified(path) < limit:
                    path.unlink()


class StoredResponseWriter:
    """Receives a response's body piece by piece; :meth:`commit` then stores the response."""

    def __init__(self, head: StoredResponse, path: Path, file: IO[bytes], place: Path) -> None:
        self.place = place
        self.length = 0
        self._path = path
        self._file = file
        self._crc = 0
        self._is_open = True
        encoded = json.dumps(asdict(head)).encode()
        self._write(b"%08x %s\n" % (zlib.crc32(encoded), encoded))

    def add(self, chunk: bytes) -> None:
        """Write a piece of the body; if the disk is full, discard the whole response."""
        self._write(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
        self.length += len(chunk)

    def commit(self) -> bool:
        """Move the complete response to its final path; return whether that succeeded."""
        self._write(_FOOTER.pack(self.length, self._crc))
        if not self._is_open:
            return False
        try:
            self._file.close()
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._path.replace(self.place)
        except OSError:
            self.discard()
            return False
        self._is_open = False
        _limit_variants(self.place)
        return True

    def discard(self) -> None:
        """Discard the incomplete response; earlier stored responses are not changed."""
        if self._is_open:
            self._is_open = False
            with suppress(OSError):
                self._file.close()
            _unlink(self._path)

    def _write(self, data: bytes) -> None:
        if self._is_open:
            try:
                self._file.write(data)
            except OSError:
                self.discard()


def _limit_variants(newest: Path) -> None:
    """Remove the oldest stored variants of a response if there are too many for its URL."""
    with suppress(OSError):
        others = [path for path in _files_in(newest.parent) if path != newest]
        if len(others) >= _MOST_VARIANTS:
            min(others, key=_modified).unlink()


def _files_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _read_file(path: Path) -> ResponseFile | None:
    """Read the head of a stored response; remove the file if it is damaged."""
    try:
        with path.open("rb") as file:
            crc, _, encoded = file.readline().rstrip(b"\n").partition(b" ")
            length = path.stat().st_size - file.tell() - _FOOTER.size
            if length >= 0 and crc == b"%08x" % zlib.crc32(encoded):
                return ResponseFile(_decode(loads_json(encoded)), path, length, file.tell())
    except OSError:
        return None
    _unlink(path)
    return None


def _decode(record: dict[str, Any]) -> StoredResponse:
    return StoredResponse(
        **{
            **record,
            "headers": Headers(tuple((name, value) for name, value in record["headers"]["fields"])),
            "selecting": tuple((name, value) for name, value in record["selecting"]),
            "part": None if record["part"] is None else ByteRange(**record["part"]),
        }
    )


def _crc(chunks: Iterable[bytes]) -> int:
    crc = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
    return crc


def _read(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk
