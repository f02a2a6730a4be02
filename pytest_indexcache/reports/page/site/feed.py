"""Find the cells that changed between builds, for an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from pytest_indexcache.reports.page.site.cells import SiteCell, SiteScenario
from pytest_indexcache.reports.page.site.earlier import EarlierCell, EarlierSite
from pytest_indexcache.reports.page.site.places import scenario_place

MOST_ENTRIES: Final = 100
_FIRST_DAY: Final = "1970-01-01"


@dataclass(frozen=True)
class CellChange:
    """A cell with the last change in its behaviour.

    ``since`` is the day of the change (ISO 8601). ``was`` is the previous behaviour, or "" if it is
    not known.
    """

    scenario: SiteScenario
    cell: SiteCell
    since: str
    was: str

    @property
    def place(self) -> str:
        """The path of the scenario's page, without ``.html``."""
        return scenario_place(self.scenario.name)

    @property
    def id(self) -> str:
        """The identifier of the feed entry, which stays the same until the behaviour changes."""
        parts = (self.place, self.cell.installer, self.cell.behaviour)
        return f"urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(parts))}"

    @property
    def updated(self) -> str:
        """The day of the change as an Atom timestamp."""
        return f"{self.since or _FIRST_DAY}T00:00:00Z"

    def to_json(self) -> dict[str, Any]:
        """Return the cell and its last change as a JSON-compatible dict."""
        return {**self.cell.to_json(), "since": self.since, "was": self.was}


def changes_of(scenarios: Sequence[SiteScenario], earlier: EarlierSite) -> list[CellChange]:
    """Return each cell with its last change, in the order of scenarios and installers."""
    return [
        _change(scenario, cell, earlier.cells.get((scenario.name, cell.installer)))
        for scenario in scenarios
        for cell in scenario.cells.values()
    ]


def _change(scenario: SiteScenario, cell: SiteCell, before: EarlierCell | None) -> CellChange:
    if before is None:
        return CellChange(scenario, cell, cell.day, "")
    if before.behaviour == cell.behaviour:
        return CellChange(scenario, cell, before.since, before.was)
    return CellChange(scenario, cell, cell.day, before.behaviour)


def newest_changes(changes: Sequence[CellChange]) -> list[CellChange]:
    """Return the entries of the feed, newest day first."""
    by_name = sorted(
        changes, key=lambda change: (not change.was, change.place, change.cell.installer)
    )
    return sorted(by_name, key=lambda change: change.since, reverse=True)[:MOST_ENTRIES]


def feed_updated(changes: Sequence[CellChange]) -> str:
    """Return the Atom timestamp of the newest change."""
    return max((change.updated for change in changes), default=f"{_FIRST_DAY}T00:00:00Z")
