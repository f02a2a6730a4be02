"""Look up whether ``[affected]`` or ``[sometimes]`` lists a release."""

from __future__ import annotations

from enum import Enum

from packaging.specifiers import SpecifierSet


class ListedBug(Enum):
    """Whether a release is listed as having the bug in no play, in every play, or in some plays."""

    NOT = "not"
    AFFECTED = "affected"
    SOMETIMES = "sometimes"


def listed_as(affected: str | None, sometimes: str | None, version: str) -> ListedBug:
    """Return how a version is listed, according to the specifiers in the two tables (PEP 440).

    Pre-releases are matched like other releases.
    """
    if _has(sometimes, version):
        return ListedBug.SOMETIMES
    return ListedBug.AFFECTED if _has(affected, version) else ListedBug.NOT


def _has(releases: str | None, version: str) -> bool:
    return releases is not None and SpecifierSet(releases).contains(version, prereleases=True)
