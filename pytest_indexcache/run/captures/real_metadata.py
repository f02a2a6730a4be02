"""Extract core metadata from real files, without reading or unpacking anything else."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from typing import IO, Final

from pytest_indexcache.data_formats import loads_toml

LONGEST_METADATA: Final = 1 << 20
"""The maximum number of bytes that are read as core metadata."""

_IN_WHEEL: Final = re.compile(r"[^/]+\.dist-info/METADATA")
_IN_SDIST: Final = re.compile(r"[^/]+/PKG-INFO")
_BUILD_SYSTEM: Final = re.compile(r"[^/]+/pyproject\.toml")
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, KeyError)


def metadata_in(file: bytes | IO[bytes], filename: str) -> str:
    """Return the core metadata of a wheel or an sdist; empty if there is none."""
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    try:
        if filename.endswith(".tar.gz"):
            data = _of_tar(stream, _IN_SDIST)
        else:
            data = _of_zip(stream, _IN_WHEEL if filename.endswith(".whl") else _IN_SDIST)
    except _BROKEN:
        return ""
    return data.decode("utf-8", "replace")


def _of_zip(stream: IO[bytes], place: re.Pattern[str]) -> bytes:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if place.fullmatch(member.filename) and member.file_size <= LONGEST_METADATA:
                with archive.open(member) as opened:
                    return opened.read(LONGEST_METADATA)
    return b""


def _of_tar(stream: IO[bytes], place: re.Pattern[str]) -> bytes:
    with tarfile.open(fileobj=stream, mode="r:gz") as archive:
        for member in archive:
            if member.isfile() and place.fullmatch(member.name) and member.size <= LONGEST_METADATA:
                opened = archive.extractfile(member)
                return opened.read(LONGEST_METADATA) if opened is not None else b""
    return b""


def build_requires_in(file: bytes | IO[bytes]) -> tuple[str, ...]:
    """Return the build requirements of a ``.tar.gz`` sdist; empty if it cannot be read.

    If there is no ``[build-system]`` table, the result is setuptools (PEP 518).
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    try:
        text = _of_tar(stream, _BUILD_SYSTEM).decode("utf-8", "replace")
        system = loads_toml(text).get("build-system") if text else None
    except _BROKEN:
        return ()
    requires = system.get("requires") if isinstance(system, dict) else ["setuptools>=40.8.0"]
    return tuple(str(requirement) for requirement in requires) if isinstance(requires, list) else ()
