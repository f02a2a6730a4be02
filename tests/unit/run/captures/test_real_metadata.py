"""Core metadata that are read from real files."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from pytest_indexcache.run.captures.real_metadata import metadata_in

TEXT = "Metadata-Version: 2.1\nName: six\n"


def _zip(name: str, text: str = TEXT) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("other.txt", "x")
        archive.writestr(name, text)
    return stream.getvalue()


def _tar(name: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT.encode()))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "filename", "expected"),
    [
        (_zip("six-1.0.dist-info/METADATA"), "six-1.0-py3-none-any.whl", TEXT),
        (_zip("six-1.0/PKG-INFO"), "six-1.0.zip", TEXT),
        (_tar("six-1.0/PKG-INFO"), "six-1.0.tar.gz", TEXT),
        (_tar("six-1.0/a/PKG-INFO"), "six-1.0.tar.gz", ""),
        (_zip("a/six-1.0.dist-info/METADATA"), "six-1.0-py3-none-any.whl", ""),
        (_zip("six-1.0.dist-info/METADATA", "x" * (1 << 21)), "six-1.0-py3-none-any.whl", ""),
        (b"no archive", "six-1.0-py3-none-any.whl", ""),
        (b"no archive", "six-1.0.tar.gz", ""),
        (_tar("six-1.0/PKG-INFO")[:30], "six-1.0.tar.gz", ""),
    ],
)
def test_metadata_is_read_where_it_stands(data: bytes, filename: str, expected: str) -> None:
    """Metadata is read from wheels and sdists, but not from broken or huge archives."""
    assert metadata_in(data, filename) == expected
