"""The history of a scenario: the verdicts for all played releases, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pytest_indexcache.reports.matrix_table import Family
from pytest_indexcache.reports.words.releases import span_of
from pytest_indexcache.reports.words.wording import by_cause
from pytest_indexcache.run.matrix.results import days_played


@dataclass(frozen=True)
class HistoryRow:
    """Consecutive releases of an installer with the same verdict.

    ``in_short`` and ``causes`` are taken from the play of the newest release.
    """

    installer: str
    releases: str
    count: int
    verdict: str
    in_short: str
    causes: tuple[str, ...]
    days: str

    def to_json(self) -> dict[str, Any]:
        """Return the row as a JSON-compatible dict."""
        return {**vars(self), "causes": list(self.causes)}


def history_rows(history: Iterable[Family]) -> list[HistoryRow]:
    """Return the rows for each installer, newest releases first."""
    return [
        _row(family, run)
        for family in history
        for run in reversed(family.runs(sorted({name for name, _ in family.cells})))
    ]


def _row(family: Family, run: list[str]) -> HistoryRow:
    (scenario,) = {name for name, _ in family.cells}
    records = [family.cells[scenario, release] for release in run]
    result = records[-1].result
    step = result.failed_step
    groups = by_cause([check for check in step.checks if not check.held]) if step else []
    return HistoryRow(
        family.name,
        span_of(family.name, run) or run[0],
        len(run),
        str(result.verdict),
        result.in_short,
        tuple(cause for group in groups for cause in group.causes),
        days_played(records),
    )
