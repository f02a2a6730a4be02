"""What the tables ``[affected]`` and ``[sometimes]`` say of a release."""

from __future__ import annotations

from enum import Enum

from packaging.specifiers import SpecifierSet


class ListedBug(Enum):
    """Whether a scenario lists a release as showing the bug: not, always, or now and then."""

    NOT = "not"
    AFFECTED = "affected"
    SOMETIMES = "sometimes"


def listed_as(affected: str | None, sometimes: str | None, version: str) -> ListedBug:
    """Say how a release (PEP 440, with pre-releases) is listed by the specifiers of a scenario.

    ``affected`` and ``sometimes`` are those of its installer, None where a table does not have it.
    A release that is in both tables shows the bug now and then.
    """
    if _has(sometimes, version):
        return ListedBug.SOMETIMES
    return ListedBug.AFFECTED if _has(affected, version) else ListedBug.NOT


def _has(releases: str | None, version: str) -> bool:
    return releases is not None and SpecifierSet(releases).contains(version, prereleases=True)
