"""What the tables ``[affected]`` and ``[sometimes]`` say of a release."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from pytest_indexcache.scenario.model import Scenario


class Listed(Enum):
    """Whether a scenario lists a release as showing the bug: not, always, or now and then."""

    NOT = "not"
    AFFECTED = "affected"
    SOMETIMES = "sometimes"


def listed_as(scenario: Scenario, name: str, version: str) -> Listed:
    """Say how a scenario lists a release of an installer (PEP 440, with pre-releases).

    A release that is in both tables shows the bug now and then.
    """
    if _has(scenario.sometimes.get(name), version):
        return Listed.SOMETIMES
    return Listed.AFFECTED if _has(scenario.affected.get(name), version) else Listed.NOT


def _has(releases: str | None, version: str) -> bool:
    return releases is not None and SpecifierSet(releases).contains(version, prereleases=True)
