"""Core metadata that is read from real files."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from pytest_indexcache.run.captures.real_metadata import build_requires_in, metadata_in

TEXT = "Metadata-Version: 2.1\nName: six\n"


def _zip(name: str, text: str = TEXT) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("other.txt", "x")
        archive.writestr(name, text)
    return stream.getvalue()


def _tar(name: str, text: str = TEXT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
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


@pytest.mark.parametrize(
    ("name", "text", "requires"),
    [
        ("a-1/pyproject.toml", '[build-system]\nrequires = ["flit-core>=3"]\n', ("flit-core>=3",)),
        ("a-1/pyproject.toml", "[project]\n", ("setuptools>=40.8.0",)),
        ("a-1/PKG-INFO", "Name: a\n", ("setuptools>=40.8.0",)),
        ("a-1/pyproject.toml", "[build-system]\nrequires = 1\n", ()),
        ("a-1/pyproject.toml", "[build-system\n", ()),
    ],
)
def test_build_requirements_of_an_sdist(name: str, text: str, requires: tuple[str, ...]) -> None:
    """The build requirements are read from the sdist; by default they are those of setuptools."""
    assert build_requires_in(_tar(name, text)) == requires


def test_file_that_is_no_sdist_has_no_build_requirements() -> None:
    """A file that is not a gzipped tar archive has no build requirements."""
    assert build_requires_in(b"no archive") == ()
