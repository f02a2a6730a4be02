"""Where the HTTP cache keeps responses: files that appear whole or not at all.

A folder ``responses-3`` has a folder for each URL, by its digest, and in it a file for each variant
and each part of a body::

    CRC-32 of head, head (JSON) | body | footer: length and CRC-32 of body

A file is written elsewhere and then moved to its place, so that no reader, in whatever process,
meets half of one. Whatever fails its CRC counts as not there and is removed. Replacing and removing
need no lock: who has opened a file reads on in what was there.
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
    """A stored body that was found whole, in an open file."""

    _file: IO[bytes]
    _start: int

    def chunks(self, first: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``first`` to before ``stop``, in pieces; close afterwards."""
        with self._file as file:
            file.seek(self._start + first)
            yield from _read(file, stop - first)

    def close(self) -> None:
        """Close the file; harmless when done again."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """A stored response and the file that holds it; ``length`` is the body's, in bytes."""

    head: StoredResponse
    path: Path
    length: int
    _start: int

    def open(self) -> Body | None:
        """Open the body, or return None (and remove the file) if it is not what was stored."""
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
        """Remove the file; who has opened the body can still read it."""
        _unlink(self.path)


class ResponseStore:
    """Stored responses in a folder that other threads and processes use at the same time.

    Nothing here raises because the disk is full or a folder may not be written to: what cannot be
    stored is not stored, and what cannot be read is not there.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "responses-3"
        self._temporary = self.directory / "tmp"
        self._is_swept = False

    def find(self, url: str) -> list[ResponseFile]:
        """Return what is stored for a URL, the most recent first; broken files are removed."""
        read = map(_read_file, _files_in(self._folder(normal_url(url))))
        found = [file for file in read if file is not None]
        # RFC 9111 4: "When more than one suitable response is stored, a cache MUST use the most
        # recent one (as determined by the Date header field)."
        found.sort(key=lambda file: (date_value(file.head), file.head.response_time), reverse=True)
        return found

    def write(self, head: StoredResponse) -> StoredResponseWriter | None:
        """Start to store a response; None where nothing can be written."""
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
        shutil.rmtree(self._folder(normal_url(url)), ignore_errors=True)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _folder(self, url: str) -> Path:
        return self.directory / sha256(url.encode()).hexdigest()

    def _place(self, head: StoredResponse) -> Path:
        """Return where a response belongs: one file a variant, and one a part of a body."""
        variant = json.dumps([head.selecting, head.part and asdict(head.part)])
        return self._folder(head.url) / sha256(variant.encode()).hexdigest()[:32]

    def _sweep(self, newest: Path) -> None:
        """Remove what a run that was killed left behind; the file system's own clock decides."""
        with suppress(OSError):
            limit = _modified(newest) - _ABANDONED_SECONDS
            for path in self._temporary.iterdir():
                if _modified(path) < limit:
                    path.unlink()


class StoredResponseWriter:
    """Takes a body piece by piece; what was written counts from :meth:`commit` on."""

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
        """Write a piece; where the disk takes no more, all of it is given up."""
        self._write(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
        self.length += len(chunk)

    def commit(self) -> bool:
        """Put the response in its place; return whether it is there."""
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
        """Give up; nothing that was stored before changes."""
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
    """Keep what a URL varies into from growing without end: the oldest files go."""
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
    """Read the head of a file; remove the file if it is broken."""
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
