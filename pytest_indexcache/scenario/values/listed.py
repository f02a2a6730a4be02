"""Look up a release in the tables ``[affected]`` and ``[sometimes]``."""

from __future__ import annotations

from enum import Enum

from packaging.specifiers import SpecifierSet


class ListedBug(Enum):
    """Whether a release is listed as having the bug: never, in every play, or in some plays."""

    NOT = "not"
    AFFECTED = "affected"
    SOMETIMES = "sometimes"


def listed_as(affected: str | None, sometimes: str | None, version: str) -> ListedBug:
    """Return whether two specifiers list a release as having the bug (PEP 440).

    Pre-releases are matched like other releases.
    """
    if _has(sometimes, version):
        return ListedBug.SOMETIMES
    return ListedBug.AFFECTED if _has(affected, version) else ListedBug.NOT


def _has(releases: str | None, version: str) -> bool:
    return releases is not None and SpecifierSet(releases).contains(version, prereleases=True)
