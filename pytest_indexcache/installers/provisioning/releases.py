"""The releases of an installer that the machine's index lists, with their upload times."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.home import cache_home, writing_to
from pytest_indexcache.installers.provisioning.machine_index import machine_index
from pytest_indexcache.installers.provisioning.release_pages import ListedFile, fetch_files
from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.urls import without_credentials

KEPT_SECONDS: Final = 3600.0
"""How many seconds a list of releases is reused to select the releases in a range.

Within this time, every process selects the same releases.
"""

_FORMAT: Final = 1


@dataclass(frozen=True)
class ListedRelease:
    """A release that the index lists.

    ``uploaded`` is the upload time (UTC) of the first file, or None if the index does not have
    upload times (PEP 700). ``is_yanked`` is true if all of its files are yanked (PEP 592).
    """

    version: Version
    uploaded: datetime | None = None
    requires_python: str | None = None
    is_yanked: bool = False

    @property
    def is_final(self) -> bool:
        """Whether the release is neither a pre-release nor a development release."""
        return not self.version.is_prerelease


def list_releases(
    name: str, *, clock: Callable[[], float] = time.time, home: Path | None = None
) -> tuple[ListedRelease, ...]:
    """Return all final releases of an installer that are not yanked, oldest first.

    The list is at most an hour old, unless the index cannot be reached.

    :raises InstallerUnavailableError: if the index cannot be reached and no list is stored
    :raises InstallerError: if the cache folder cannot be used
    """
    kept = _KeptList(name, home or cache_home())
    releases = kept.read(clock() - KEPT_SECONDS)
    if releases is None:
        try:
            releases = kept.ask(clock)
        except InstallerUnavailableError:
            releases = kept.read(0.0)
            if releases is None:
                raise
    return tuple(release for release in releases if release.is_final and not release.is_yanked)


def find_release(
    name: str,
    version: Version,
    *,
    clock: Callable[[], float] = time.time,
    home: Path | None = None,
) -> ListedRelease | None:
    """Find a release, including yanked releases and pre-releases; return None if it is not listed.

    Raises the same errors as :func:`list_releases`.
    """
    kept = _KeptList(name, home or cache_home())
    found = kept.find(version)
    if found is None:
        found = next((release for release in kept.ask(clock) if release.version == version), None)
    return found


def refresh_releases(
    name: str, *, clock: Callable[[], float] = time.time, home: Path | None = None
) -> tuple[ListedRelease, ...]:
    """Request all releases from the index, including yanked releases and pre-releases.

    Raises the same errors as :func:`list_releases`.
    """
    return _KeptList(name, home or cache_home()).ask(clock)


def near_releases(version: Version, releases: Sequence[ListedRelease]) -> str:
    """Describe which releases come just before and just after a version that does not exist."""
    versions = sorted(release.version for release in releases)
    place = bisect_left(versions, version)
    near = ", ".join(map(str, versions[max(place - 2, 0) : place + 2]))
    return f"releases near it are {near}" if near else "the index lists no release of it at all"


@dataclass(frozen=True)
class _KeptList:
    """The list of an installer's releases that is stored in the cache folder."""

    name: str
    home: Path

    @property
    def _file(self) -> Path:
        return self.home / "releases" / f"{canonicalize_name(self.name)}.json"

    def read(self, asked_after: float) -> tuple[ListedRelease, ...] | None:
        """Return the stored list; None if there is none or it cannot be used.

        The list can be used if it came from the machine's index and was requested after
        ``asked_after``, a time in seconds since the epoch.
        """
        data = self._data()
        if data is None or data["index"] != _index_url() or data["asked"] <= asked_after:
            return None
        return tuple(map(_release_from_json, data["releases"]))

    def find(self, version: Version) -> ListedRelease | None:
        """Find a release in the stored list, even if the list is old: releases do not change."""
        data = self._data() or {"releases": ()}
        wanted = (entry for entry in data["releases"] if Version(entry["version"]) == version)
        return next(map(_release_from_json, wanted), None)

    def _data(self) -> dict[str, Any] | None:
        try:
            data = loads_json(self._file.read_bytes())
        except (OSError, ValueError):
            return None
        # A list written by another version of this package may have other contents.
        is_ours = isinstance(data, dict) and data.get("format") == _FORMAT
        return data if is_ours else None

    def ask(self, clock: Callable[[], float]) -> tuple[ListedRelease, ...]:
        """Request the list from the index, store it and return it."""
        with writing_to(self.home, self.name):
            files = fetch_files(canonicalize_name(self.name), machine_index())
            releases = gather_releases(files)
            self._write(clock(), releases)
        return releases

    def _write(self, asked: float, releases: Sequence[ListedRelease]) -> None:
        entries = [_release_to_json(release) for release in releases]
        data = {"format": _FORMAT, "index": _index_url(), "asked": asked, "releases": entries}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, json.dumps(data).encode())


def _index_url() -> str:
    return without_credentials(machine_index().url).rstrip("/")


def _release_to_json(release: ListedRelease) -> dict[str, Any]:
    return {
        "version": str(release.version),
        "uploaded": release.uploaded and release.uploaded.isoformat(),
        "requires_python": release.requires_python,
        "is_yanked": release.is_yanked,
    }


def _release_from_json(entry: dict[str, Any]) -> ListedRelease:
    uploaded = entry["uploaded"]
    return ListedRelease(
        version=Version(entry["version"]),
        uploaded=datetime.fromisoformat(uploaded) if uploaded else None,
        requires_python=entry["requires_python"],
        is_yanked=entry["is_yanked"],
    )


def gather_releases(files: Sequence[ListedFile]) -> tuple[ListedRelease, ...]:
    """Group files by release, oldest version first."""
    by_version: dict[Version, list[ListedFile]] = {}
    for file in files:
        by_version.setdefault(file.version, []).append(file)
    return tuple(_release(version, by_version[version]) for version in sorted(by_version))


def _release(version: Version, files: Sequence[ListedFile]) -> ListedRelease:
    needs = (file.requires_python for file in files if file.requires_python)
    return ListedRelease(
        version=version,
        uploaded=min((file.uploaded for file in files if file.uploaded), default=None),
        requires_python=next(needs, None),
        is_yanked=all(file.is_yanked for file in files),
    )
