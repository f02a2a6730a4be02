"""Read the cells of an earlier build of the site, to find out which have changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.system.report_files import ReportFormat

FORMAT: Final = ReportFormat(
    kind="pytest-indexcache site",
    version=1,
    name="the index of a site",
    source="name the index.json of a folder that indexcache site wrote",
    remedy="build the site again in another folder",
)

INDEX: Final = "index.json"


@dataclass(frozen=True)
class EarlierCell:
    """A cell in an earlier build.

    ``since`` is the day on which ``behaviour`` was first seen, and ``was`` the behaviour before
    that.
    """

    behaviour: str
    since: str
    was: str


@dataclass(frozen=True)
class EarlierSite:
    """The cells in an earlier build, keyed by scenario name and installer."""

    cells: Mapping[tuple[str, str], EarlierCell] = field(default_factory=dict)


def read_earlier(file: Path) -> EarlierSite:
    """Read the ``index.json`` of an earlier build.

    :raises ReportError: if the file cannot be read, or does not come from ``indexcache site``
    """
    return FORMAT.read(file, lambda data: EarlierSite(_cells(data)))


def _cells(data: dict[str, Any]) -> dict[tuple[str, str], EarlierCell]:
    return {
        (str(scenario["name"]), str(cell["installer"])): EarlierCell(
            str(cell["behaviour"]), str(cell["since"]), str(cell["was"])
        )
        for scenario in data["scenarios"]
        for cell in scenario["cells"]
    }
