"""Reproducible archives: zip and tar.gz files that always have the same bytes on every machine.

Members are stored without compression. This way, the bytes do not depend on the version of zlib,
and padding does not have to be held in memory.
"""

from __future__ import annotations

import struct
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.index.documents.contents import PartContent, joined
from pytest_indexcache.messages import BytesContent, Content

LONGEST_PADDING: Final = (1 << 32) - (1 << 20)
"""The maximum padding of an archive, in bytes; a zip file without Zip64 has no room for more."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION: Final = 20
_MADE_ON_UNIX: Final = 3 << 8 | _VERSION
_UTF8: Final = 0x800
_FIRST_OF_JANUARY_1980: Final = 0x21
_REGULAR_FILE: Final = 0o100644 << 16

_STORED_BLOCK: Final = 0xFFFF
_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; ``crc`` is the CRC-32 that is written for it, which may be wrong."""

    path: str
    content: Content
    crc: int

    @classmethod
    def of(cls, path: str, data: bytes) -> Member:
        """Create a member from bytes in memory."""
        return cls(path, BytesContent(data), zlib.crc32(data))


def check_padding(length: int) -> None:
    """Raise ValueError if an archive has no room for this many bytes of padding."""
    if length > LONGEST_PADDING:
        raise ValueError(
            f"padding of {length} bytes: an archive can hold at most {LONGEST_PADDING}"
        )


def crc32(content: Content) -> int:
    """Return the CRC-32 of some content."""
    value = 0
    for chunk in content.chunks(0, content.length):
        value = zlib.crc32(chunk, value)
    return value


def zip_archive(members: Iterable[Member]) -> Content:
    """Return a zip file with these members, uncompressed and dated 1 January 1980 (APPNOTE 4.3)."""
    parts: list[Content] = []
    directory = b""
    offset = count = 0
    for member in members:
        path = member.path.encode()
        fields = (
            0 if path.isascii() else _UTF8,
            0,
            0,
            _FIRST_OF_JANUARY_1980,
            member.crc,
            member.content.length,
            member.content.length,
            len(path),
            0,
        )
        local = _LOCAL.pack(b"PK\3\4", _VERSION, *fields) + path
        entry = (b"PK\1\2", _MADE_ON_UNIX, _VERSION, *fields, 0, 0, 0, _REGULAR_FILE, offset)
        directory += _CENTRAL.pack(*entry) + path
        parts += [BytesContent(local), member.content]
        offset += len(local) + member.content.length
        count += 1
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), offset, 0)
    return joined([*parts, BytesContent(directory + end)])


def tar_gz_archive(members: Sequence[Member], *, break_crc: bool = False) -> Content:
    """Return a tar.gz archive of these members, without compression, dates or owners.

    If ``break_crc`` is true, the gzip trailer contains a wrong CRC-32.
    """
    parts: list[Content] = []
    for member in members:
        header = tarfile.TarInfo(member.path)
        header.size = member.content.length
        parts += [
            BytesContent(header.tobuf(tarfile.PAX_FORMAT)),
            member.content,
            BytesContent(bytes(-header.size % tarfile.BLOCKSIZE)),
        ]
    archive = joined([*parts, BytesContent(bytes(2 * tarfile.BLOCKSIZE))])
    crc = crc32(archive) ^ (0xFFFF_FFFF if break_crc else 0)
    tail = struct.pack("<2L", crc, archive.length)
    return joined([BytesContent(_GZIP_HEAD), *_stored_blocks(archive), BytesContent(tail)])


def _stored_blocks(content: Content) -> Iterator[Content]:
    """Yield a deflate stream that consists of uncompressed blocks (RFC 1951 3.2.4)."""
    for start in range(0, content.length, _STORED_BLOCK):
        stop = min(start + _STORED_BLOCK, content.length)
        length = stop - start
        head = struct.pack("<B2H", stop == content.length, length, length ^ 0xFFFF)
        if isinstance(content, BytesContent):
            yield BytesContent(head + content.data[start:stop])
        else:
            yield BytesContent(head)
            yield PartContent(content, start, stop)
