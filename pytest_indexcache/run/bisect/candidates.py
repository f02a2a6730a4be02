"""The releases among which a bisect looks for a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from packaging.version import InvalidVersion, Version

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.provisioning.releases import (
    ListedRelease,
    list_releases,
    near_releases,
)
from pytest_indexcache.installers.registry import create_installers

NO_RELEASES = "bisect among the releases of uv, pip, poetry, pdm, or of an adapter's installer"


@dataclass(frozen=True)
class CandidateRelease:
    """A release: the installer that plays it, and when it was uploaded (UTC), if that is known."""

    installer: Installer
    uploaded: datetime | None

    @property
    def day(self) -> str | None:
        """The day of the upload."""
        return None if self.uploaded is None else self.uploaded.date().isoformat()


def find_candidates(text: str, between: Sequence[str] | None) -> list[CandidateRelease]:
    """Return every final release that a spec allows (``uv``, ``uv>=0.8``), oldest first.

    ``between`` are two releases, the ends, in either order.

    :raises InstallerSpecError: for a spec that cannot be read, and one that allows no release
    :raises CommandError: where there are not two releases, or no such ends
    :raises InstallerUnavailableError: if the index's list of releases cannot be had
    """
    spec = InstallerSpec.parse(text)
    if spec.variant is not None or spec.path is not None or spec.name == "reference":
        raise CommandError(f"{spec} has no releases to bisect among", NO_RELEASES)
    asked = replace(spec, releases=spec.releases or ">=0")
    installers = create_installers(str(asked))
    listed = list_releases(spec.name)
    if between is not None:
        oldest, newest = sorted(_listed(spec.name, end, listed) for end in between)
        installers = [it for it in installers if oldest <= Version(it.version) <= newest]
    if len(installers) < 2:
        raise CommandError(
            f"{asked} leaves {len(installers)} release, and a boundary lies between two",
            f"name a wider range, or {spec.name} alone for all of its releases",
        )
    uploads = {release.version: release.uploaded for release in listed}
    return [CandidateRelease(it, uploads.get(Version(it.version))) for it in reversed(installers)]


def _listed(name: str, end: str, listed: Sequence[ListedRelease]) -> Version:
    try:
        version = Version(end)
    except InvalidVersion:
        raise CommandError(
            f"--between: {end!r} is not a version (PEP 440)", "give two releases, such as 0.8.0"
        ) from None
    if all(release.version != version for release in listed):
        raise CommandError(
            f"--between: the index lists no final release {version} of {name}",
            near_releases(version, listed),
        )
    return version
