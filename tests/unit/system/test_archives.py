"""Altered archives, for which the package raises its own errors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pytest_indexcache.errors import BuildError, InvalidDistributionError
from pytest_indexcache.reference.build.building import extract
from pytest_indexcache.reference.install.unpacking import unpack
from pytest_indexcache.reference.resolve.core_metadata import (
    read_static_sdist_metadata,
    read_wheel_metadata,
)

from ..reference.install.written_wheels import FILES, INFO, record_line

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
ENCRYPTED = 1
"""The flag bit of an encrypted member (APPNOTE.TXT 4.4.4)."""


def unpack_wheel(wheel: Path) -> None:
    """Unpack a wheel into a folder beside it."""
    schemes = ("purelib", "platlib", "scripts", "headers", "data")
    scheme = {name: str(wheel.parent / "venv") for name in schemes}
    unpack(wheel, scheme, Path("/venv/bin/python"), {})


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "the metadata of a wheel": (
        "demo-1.0-py3-none-any.whl",
        lambda path: read_wheel_metadata(path, path.name),
    ),
    "a wheel": ("demo-1.0-py3-none-any.whl", unpack_wheel),
    "the metadata of an sdist": ("demo-1.0.zip", read_static_sdist_metadata),
    "an sdist": ("demo-1.0.zip", lambda path: extract(path, path.parent / "sdist")),
}


def make_archive(filename: str, method: int) -> bytearray:
    """Return a wheel or an sdist whose members are all compressed with one method."""
    if filename.endswith(".whl"):
        record = "".join(record_line(*item) for item in FILES.items()) + f"{INFO}/RECORD,,\n"
        members = {**FILES, f"{INFO}/RECORD": record.encode()}
    else:
        fields = b"Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n"
        members = {"demo-1.0/PKG-INFO": fields, "demo-1.0/pyproject.toml": b"[project]\n"}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bytearray(buffer.getvalue())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("method", METHODS)
def test_an_altered_archive_is_an_error_of_the_installer(
    method: str, reader: str, tmp_path: Path
) -> None:
    """An altered or truncated archive is either read, or refused as a broken distribution."""
    filename, read = READERS[reader]
    good = make_archive(filename, METHODS[method])
    random = Random(f"{method} {reader}")
    broken = 0
    for number in range(150):
        data = bytearray(good)
        for _ in range(random.choice((1, 2, 4))):
            data[random.randrange(len(data))] = random.choice((0, 1, 255, random.randrange(256)))
        if random.random() < 0.1:
            del data[random.randrange(len(data)) :]
        path = tmp_path / str(number) / filename
        path.parent.mkdir()
        path.write_bytes(data)
        try:
            read(path)
        except (InvalidDistributionError, BuildError):
            broken += 1
    assert broken > 10


@pytest.mark.parametrize("reader", READERS)
def test_an_encrypted_archive_is_an_error_of_the_installer(reader: str, tmp_path: Path) -> None:
    """An archive with encrypted members is refused."""
    filename, read = READERS[reader]
    data = make_archive(filename, zipfile.ZIP_STORED)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        while start != -1:
            data[start + place] |= ENCRYPTED
            start = data.find(signature, start + 1)
    path = tmp_path / filename
    path.write_bytes(data)
    with pytest.raises((InvalidDistributionError, BuildError), match="encrypted"):
        read(path)
