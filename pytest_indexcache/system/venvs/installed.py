"""Read the distributions in a venv, and the origin of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pytest_indexcache.system.json_files import read_json
from pytest_indexcache.system.urls import local_path, without_credentials
from pytest_indexcache.system.venvs.origins import ORIGIN_RECORD, Origin, file_url

INSTALLER_NAME: Final = "pytest-indexcache"
"""The text in the ``INSTALLER`` file of distributions installed by the reference installer."""


@dataclass(frozen=True, slots=True)
class InstalledDistribution:
    """A distribution in a venv.

    ``origin`` is None if no origin is recorded, which means that the distribution came from an
    index (PEP 610). ``hashes`` contains the hashes of the installed file. ``fingerprint``
    identifies the content of the folder from which the distribution was built.
    """

    name: NormalizedName
    version: Version
    dist_info: Path
    origin: Origin | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str | None = None

    def __str__(self) -> str:
        return describe(self.name, self.version, self.origin)


def describe(name: str, version: Version | None, origin: Origin | None) -> str:
    """Return a distribution as text, such as ``torch==2.9.0+cpu``.

    An origin other than an index is added, as in ``demo==1.0 (from file:///src/demo)``.
    """
    text = f"{name}=={version}" if version is not None else name
    if origin is None or origin.kind == "index":
        return text
    place = origin.location if origin.kind == "url" else file_url(origin.location)
    return f"{text} (from {without_credentials(place)})"


def read_installed(*folders: Path) -> tuple[InstalledDistribution, ...]:
    """Return the distributions in folders of modules, sorted by name.

    The name and version come from the name of the dist-info folder (PEP 376), or else from
    METADATA. A folder without METADATA is ignored, because it is left over from a killed
    installation.
    """
    found = [
        distribution
        for folder in dict.fromkeys(folders)
        for path in _dist_infos(folder)
        if (distribution := _read(path)) is not None
    ]
    return tuple(sorted(found, key=lambda distribution: distribution.name))


def _dist_infos(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if path.name.endswith(".dist-info"))


def _read(dist_info: Path) -> InstalledDistribution | None:
    if not os.path.isfile(os.path.join(dist_info, "METADATA")):
        return None
    try:
        name, _, version = dist_info.name.removesuffix(".dist-info").partition("-")
        parsed = Version(version)
    except InvalidVersion:
        identity = _read_identity(dist_info / "METADATA")
        if identity is None:
            return None
        name, parsed = identity
    record = read_json(os.path.join(dist_info, ORIGIN_RECORD))
    return InstalledDistribution(
        name=canonicalize_name(name),
        version=parsed,
        dist_info=dist_info,
        origin=_origin_of(dist_info, record),
        hashes=record.get("hashes") or {},
        fingerprint=record.get("fingerprint"),
    )


def _read_identity(metadata: Path) -> tuple[str, Version] | None:
    from packaging.metadata import parse_email

    raw, _ = parse_email(metadata.read_bytes())
    try:
        return raw["name"], Version(raw["version"])
    except (KeyError, InvalidVersion):
        return None


def _origin_of(dist_info: Path, record: Mapping[str, Any]) -> Origin | None:
    if record.get("kind") in ("index", "url", "path", "editable"):
        return Origin(record["kind"], str(record.get("location", "")))
    direct = read_json(dist_info / "direct_url.json")
    if not isinstance(direct.get("url"), str):
        return None
    directory, folder = direct.get("dir_info"), local_path(direct["url"])
    if not isinstance(directory, dict) or folder is None:
        return Origin("url", direct["url"])
    return Origin("editable" if directory.get("editable") else "path", str(folder))
