"""The releases among which a bisect looks for changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from packaging.version import InvalidVersion, Version

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.provisioning.releases import (
    ListedRelease,
    list_releases,
    near_releases,
)
from pytest_indexcache.installers.registry import create_installers, with_releases

NO_RELEASES = "bisect among the releases of uv, pip, poetry, pdm, or of an adapter's installer"


@dataclass(frozen=True)
class CandidateRelease:
    """A release, with its installer and, if known, its upload time (UTC)."""

    installer: Installer
    uploaded: datetime | None

    @property
    def day(self) -> str | None:
        """The day of the upload."""
        return None if self.uploaded is None else self.uploaded.date().isoformat()


def find_candidates(text: str, between: Sequence[str] | None) -> list[CandidateRelease]:
    """Return every final release that a spec allows (``uv``, ``uv>=0.8``), oldest first.

    ``between`` contains the two ends of a range in any order, as releases or days (ISO 8601). A day
    as the older end means the first release on or after it. A day as the newer end means the last
    release on or before it.

    :raises InstallerSpecError: if the spec is invalid, or allows no release
    :raises CommandError: if there are fewer than two releases, or an end does not exist
    :raises InstallerUnavailableError: if the list of releases cannot be fetched from the index
    """
    spec = InstallerSpec.parse(text)
    if spec.variant is not None or spec.path is not None or spec.name == "reference":
        raise CommandError(f"{spec} has no releases to bisect among", NO_RELEASES)
    asked = with_releases(spec)
    installers = create_installers(asked)
    listed = list_releases(spec.name)
    uploads = {release.version: release.uploaded for release in listed}
    if between is not None:
        inside = _between(spec.name, between, listed)
        installers = [installer for installer in installers if Version(installer.version) in inside]
    if len(installers) < 2:
        raise CommandError(
            f"{_range_text(asked, between)} leaves {_count(len(installers))}, and a change lies "
            "between two",
            f"name a wider range, or only {spec.name} for all of its releases",
        )
    return [
        CandidateRelease(installer, uploads.get(Version(installer.version)))
        for installer in reversed(installers)
    ]


def _range_text(spec: InstallerSpec, between: Sequence[str] | None) -> str:
    return f"{spec} between {between[0]} and {between[1]}" if between else str(spec)


def _count(releases: int) -> str:
    return "1 release" if releases == 1 else f"{releases} releases"


def _between(name: str, ends: Sequence[str], listed: Sequence[ListedRelease]) -> frozenset[Version]:
    """Return the releases between two ends, including both ends."""
    days = [day for end in ends if (day := _day(end)) is not None]
    versions = sorted(_listed(name, end, listed) for end in ends if _day(end) is None)
    if len(days) == 1:
        return _day_and_release(name, days[0], versions[0], listed)
    if not days:
        oldest, newest = versions
        return frozenset(
            release.version for release in listed if oldest <= release.version <= newest
        )
    first, last = sorted(days)
    return frozenset(
        release.version for release in _dated(name, listed) if first <= _uploaded(release) <= last
    )


def _day_and_release(
    name: str, day: date, version: Version, listed: Sequence[ListedRelease]
) -> frozenset[Version]:
    """Return the releases between a day and a release, whichever of the two is older."""
    dated = _dated(name, listed)
    own = next((_uploaded(release) for release in dated if release.version == version), None)
    if own is not None and own < day:
        return frozenset(
            release.version
            for release in dated
            if version <= release.version and _uploaded(release) <= day
        )
    return frozenset(
        release.version
        for release in dated
        if release.version <= version and _uploaded(release) >= day
    )


def _dated(name: str, listed: Sequence[ListedRelease]) -> list[ListedRelease]:
    dated = [release for release in listed if release.uploaded is not None]
    if not dated:
        raise CommandError(
            f"--between: the index does not say when releases of {name} were uploaded",
            "give two releases, such as 0.8.0",
        )
    return dated


def _uploaded(release: ListedRelease) -> date:
    return release.uploaded.date() if release.uploaded is not None else date.max


def _day(end: str) -> date | None:
    try:
        return date.fromisoformat(end) if "-" in end else None
    except ValueError:
        return None


def _listed(name: str, end: str, listed: Sequence[ListedRelease]) -> Version:
    try:
        version = Version(end)
    except InvalidVersion:
        raise CommandError(
            f"--between: {end!r} is neither a version (PEP 440) nor a day",
            "give two releases, such as 0.8.0, or two days, such as 2025-06-01",
        ) from None
    if all(release.version != version for release in listed):
        raise CommandError(
            f"--between: the index lists no final release {version} of {name}",
            near_releases(version, listed),
        )
    return version
