"""How each installer behaves in each scenario, from plays and recorded measurements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pytest_indexcache.reports.matrix_table import Family, families
from pytest_indexcache.reports.words.releases import in_order
from pytest_indexcache.run.matrix.results import PlayRecord, days_played
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.listed import ListedBug, listed_as
from pytest_indexcache.servers.profiles import server_at

INSTALLERS: Final = ("uv", "pip", "poetry", "pdm", "nab")
"""The order of the installers' columns. Other installers follow in alphabetical order."""

REPRODUCED: Final = "reproduced"
SOMETIMES: Final = "sometimes"
PASSED: Final = "passed"

_MEASURED: Final = re.compile(
    r"(?P<oldest>[^\s,;]+)(?: - (?P<newest>[^\s,;]+))?(?:, (?P<count>\d+) releases)?"
    r"(?:; (?P<days>\d{4}-\d\d-\d\d(?: to \d{4}-\d\d-\d\d)?))?.*"
)


@dataclass(frozen=True)
class SiteCell:
    """The behaviour of one installer in one scenario.

    ``state`` is the behaviour of the newest release: ``reproduced``, ``sometimes`` or ``passed``.
    It is ``failed`` or ``fixed`` if the play contradicts ``[affected]``. ``affected`` and
    ``sometimes`` are specifiers (PEP 440), or empty. ``day`` is the last day on which a release was
    played (ISO 8601), or "" if unknown.
    """

    installer: str
    state: str
    oldest: str
    newest: str
    releases: int
    day: str
    affected: str = ""
    sometimes: str = ""
    bug: str = ""
    fixed_by: str = ""

    @property
    def behaviour(self) -> str:
        """The behaviour as text, without days and counts.

        If this text differs in a later build of the site, the feed reports a change.
        """
        return "; ".join(filter(None, (self.state, self.affected, self.sometimes)))

    @property
    def span(self) -> str:
        """The range and number of the played releases, such as ``0.4.23 - 0.13.9, 15 releases``."""
        ends = " - ".join(dict.fromkeys((self.oldest, self.newest)))
        return f"{ends}, {self.releases} releases" if self.releases > 1 else ends

    @property
    def summary(self) -> str:
        """The state and the affected releases, such as ``passed, reproduced by <=0.8.13``."""
        parts = [self.state]
        if self.affected:
            parts.append(f"reproduced by {self.affected}")
        if self.sometimes:
            parts.append(f"sometimes by {self.sometimes}")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the cell as a JSON-compatible dict."""
        return {**vars(self), "behaviour": self.behaviour}


@dataclass(frozen=True)
class SiteScenario:
    """A scenario on the site: its name, its content, the text of its file, and its plays."""

    name: str
    scenario: Scenario
    text: str = ""
    records: tuple[PlayRecord, ...] = ()

    @cached_property
    def cells(self) -> Mapping[str, SiteCell]:
        """The cells of all installers, keyed by installer, in the order of the columns."""
        table = self.scenario
        cells = {name: _measured(table, name, text) for name, text in table.measured.items()}
        played: dict[str, list[PlayRecord]] = {}
        for record in self.judged:
            played.setdefault(record.result.installer.partition("==")[0], []).append(record)
        for name, records in played.items():
            cells.setdefault(name, _played(table, name, records))
        return {name: cells[name] for name in in_columns(cells)}

    @cached_property
    def judged(self) -> tuple[PlayRecord, ...]:
        """The plays, judged again with the current ``[affected]`` and ``[sometimes]`` tables."""
        return tuple(
            record.judged(_listed(self.scenario, _name(record), record.release))
            for record in self.records
            if record.is_judged
        )

    @cached_property
    def history(self) -> list[Family]:
        """The plays grouped by installer, oldest release first."""
        return families(self.judged)

    @cached_property
    def servers(self) -> tuple[str, ...]:
        """The sorted names of the server profiles that the scenario's indexes use."""
        found = set()
        for index in self.scenario.indexes.values():
            found.add(index.server or index.headers.profile or server_at(index.url))
        return tuple(sorted(found))

    def states(self) -> Mapping[tuple[str, str], str]:
        """Return the behaviour of each played release, keyed by installer and release.

        For a measurement recorded in the scenario file, only the oldest and newest release are
        known.
        """
        found: dict[tuple[str, str], str] = {}
        for cell in self.cells.values():
            for release in (cell.oldest, cell.newest):
                if cell.installer in self.scenario.measured:
                    listed = _listed(self.scenario, cell.installer, release)
                    found[cell.installer, release] = _STATES[listed]
        for record in self.judged:
            found[_name(record), record.release] = _state(record)
        return found


_STATES: Final = {
    ListedBug.NOT: PASSED,
    ListedBug.AFFECTED: REPRODUCED,
    ListedBug.SOMETIMES: SOMETIMES,
}


def in_columns(names: Iterable[str]) -> list[str]:
    """Sort installer names in the order of their columns."""
    return sorted(
        set(names), key=lambda name: (INSTALLERS.index(name) if name in INSTALLERS else 99, name)
    )


def _name(record: PlayRecord) -> str:
    return record.result.installer.partition("==")[0]


def _state(record: PlayRecord) -> str:
    return SOMETIMES if record.result.by_chance else str(record.result.verdict)


def _listed(scenario: Scenario, installer: str, release: str) -> ListedBug:
    try:
        return listed_as(
            scenario.affected.get(installer), scenario.sometimes.get(installer), release
        )
    except ValueError:  # a build without a version
        return ListedBug.NOT


def _measured(scenario: Scenario, installer: str, text: str) -> SiteCell:
    """Make a cell from a value in ``[measured]``.

    Such a value is ``0.4.23 - 0.13.9, 15 releases; 2026-11-30``.
    """
    found = _MEASURED.fullmatch(text)
    oldest, newest, count, days = found.groups() if found else (text, None, None, None)
    newest = newest or oldest
    return SiteCell(
        installer,
        _STATES[_listed(scenario, installer, newest)],
        oldest,
        newest,
        int(count or (2 if newest != oldest else 1)),
        (days or "").rpartition(" ")[2],
        **_links(scenario, installer),
    )


def _played(scenario: Scenario, installer: str, records: list[PlayRecord]) -> SiteCell:
    by_release = {record.release: record for record in records}
    releases = in_order(by_release)
    return SiteCell(
        installer,
        _state(by_release[releases[-1]]),
        releases[0],
        releases[-1],
        len(releases),
        days_played(records).rpartition(" ")[2],
        **_links(scenario, installer),
    )


def _links(scenario: Scenario, installer: str) -> dict[str, str]:
    return {
        "affected": str(scenario.affected.get(installer, "")),
        "sometimes": str(scenario.sometimes.get(installer, "")),
        "bug": scenario.bug.get(installer, ""),
        "fixed_by": scenario.fixed_by.get(installer, ""),
    }
