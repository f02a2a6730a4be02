"""Core metadata, from a distribution's METADATA or PKG-INFO, or from pyproject.toml."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import IO, Any, Final, Self

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.system.archives import BROKEN_ARCHIVE

_STATIC_FIELDS: Final = ("Requires-Dist", "Requires-Python", "Provides-Extra", "Version")
"""The fields that must be static for the PKG-INFO in an sdist to be trusted."""

_LARGEST_METADATA: Final = 16 * 1024 * 1024
"""The maximum size, in bytes, of METADATA; a distribution with larger METADATA is rejected."""


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """Those fields of a distribution's core metadata that the resolver needs.

    ``version`` is None only if a project file leaves the version to the build backend.
    """

    name: NormalizedName
    version: Version | None
    requires_python: str | None = None
    dependencies: tuple[Requirement, ...] = ()
    extras: frozenset[NormalizedName] = field(default_factory=frozenset)

    @classmethod
    def of_project(
        cls,
        name: NormalizedName,
        version: Version | None,
        dependencies: Iterable[Requirement],
        extras: Iterable[tuple[str, Iterable[Requirement]]],
        requires_python: str | None = None,
    ) -> Self:
        """Create core metadata from the contents of a project file (PEP 621)."""
        every, names = list(dependencies), set[NormalizedName]()
        for extra, added in extras:
            every.extend(restrict_to_extra(requirement, extra) for requirement in added)
            names.add(canonicalize_name(extra))
        return cls(name, version, requires_python, tuple(every), frozenset(names))


def parse_metadata(data: bytes, where: str) -> CoreMetadata:
    """Parse a METADATA file; error messages refer to the file as ``where``.

    :raises InvalidDistributionError: if a field is missing or invalid
    """
    message = _read_fields(data)
    try:
        return CoreMetadata(
            name=canonicalize_name(str(message["Name"] or "")),
            version=Version(str(message["Version"] or "")),
            requires_python=str(message["Requires-Python"] or "").strip() or None,
            dependencies=tuple(
                Requirement(str(line)) for line in message.get_all("Requires-Dist", ())
            ),
            extras=frozenset(
                canonicalize_name(str(line)) for line in message.get_all("Provides-Extra", ())
            ),
        )
    except ValueError as error:  # by packaging, or for a number with thousands of digits
        first = str(error).partition("\n")[0]
        raise InvalidDistributionError(f"{where}: its core metadata is invalid: {first}") from error


def _read_fields(data: bytes) -> Message:
    """Parse only the fields, because the description after them can be a megabyte long."""
    for blank in (b"\n\n", b"\n\r\n"):
        data = data.partition(blank)[0]
    return BytesParser().parsebytes(data + b"\n\n", headersonly=True)


def read_wheel_metadata(wheel: Path | IO[bytes], filename: str) -> bytes:
    """Return the METADATA in a wheel, given as a local path or an open file.

    :raises InvalidDistributionError: if the file is not a wheel
    """
    prefix = "-".join(filename.split("-")[:2])
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [
                member for member in archive.namelist() if member.endswith(".dist-info/METADATA")
            ]
            top = [name for name in names if name.count("/") == 1]
            chosen = next((name for name in top if name.startswith(f"{prefix}.dist-info")), None)
            if chosen is None and len(top) == 1:
                chosen = top[0]
            if chosen is None:
                raise InvalidDistributionError(f"{filename} is not a wheel: it has no METADATA")
            with archive.open(chosen) as file:
                return _read_limited(file, filename)
    except (*BROKEN_ARCHIVE, OSError) as error:
        raise InvalidDistributionError(f"{filename} is a broken wheel: {error}") from error


def read_static_sdist_metadata(sdist: Path) -> bytes | None:
    """Return the PKG-INFO in an sdist if its dependencies are static (PEP 643), else None.

    :raises InvalidDistributionError: if the file is not an archive
    """
    try:
        data = _read_zipped(sdist) if sdist.suffix == ".zip" else _read_tarred(sdist)
    except (*BROKEN_ARCHIVE, OSError) as error:
        raise InvalidDistributionError(f"{sdist.name} is a broken sdist: {error}") from error
    return data if data is not None and _is_static(data) else None


def _read_tarred(sdist: Path) -> bytes | None:
    with tarfile.open(sdist) as archive:
        for member in archive:
            if member.isfile() and _is_top_pkg_info(member.name):
                file = archive.extractfile(member)
                return None if file is None else _read_limited(file, sdist.name)
    return None


def _read_zipped(sdist: Path) -> bytes | None:
    with zipfile.ZipFile(sdist) as archive:
        for name in archive.namelist():
            if _is_top_pkg_info(name):
                with archive.open(name) as file:
                    return _read_limited(file, sdist.name)
    return None


def _is_top_pkg_info(name: str) -> bool:
    return name.endswith("/PKG-INFO") and name.removeprefix("./").count("/") == 1


def _read_limited(file: IO[bytes], where: str) -> bytes:
    data = file.read(_LARGEST_METADATA + 1)
    if len(data) > _LARGEST_METADATA:
        raise InvalidDistributionError(f"{where}: its core metadata is larger than 16 MiB")
    return data


def _is_static(data: bytes) -> bool:
    """Return whether all wheels of an sdist have the dependencies that PKG-INFO lists (PEP 643)."""
    message = _read_fields(data)
    try:
        if Version(str(message["Metadata-Version"] or "0")) < Version("2.2"):
            return False
    except InvalidVersion:
        return False
    dynamic = {str(line).strip().lower() for line in message.get_all("Dynamic", ())}
    return dynamic.isdisjoint(name.lower() for name in _STATIC_FIELDS)


def read_static_project(pyproject: Mapping[str, Any], where: str) -> CoreMetadata | None:
    """Return the core metadata in a ``[project]`` table; None if only a build can determine it.

    :raises InvalidDistributionError: if a value is not valid (PEP 621)
    """
    project = pyproject.get("project")
    if not isinstance(project, dict) or not {"name", "version"} <= project.keys():
        return None
    extras = project.get("optional-dependencies") or {}
    needed = {"version", "dependencies", "optional-dependencies", "requires-python"}
    try:
        if needed.intersection(project.get("dynamic") or ()):
            return None
        return CoreMetadata.of_project(
            canonicalize_name(project["name"]),
            Version(project["version"]),
            [Requirement(text) for text in project.get("dependencies") or ()],
            [(extra, map(Requirement, texts)) for extra, texts in extras.items()],
            project.get("requires-python"),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidDistributionError(f"{where}: [project] is invalid: {error}") from error


def restrict_to_extra(requirement: Requirement, extra: str) -> Requirement:
    """Add a marker for an extra to a requirement, as it would be written in Requires-Dist."""
    condition = f'extra == "{canonicalize_name(extra)}"'
    if requirement.marker is not None:
        condition = f"({requirement.marker}) and {condition}"
    restricted = Requirement(str(requirement))
    restricted.marker = Marker(condition)
    return restricted
