"""Format the plays of a matrix as a Markdown table, for a README or a CI job's summary."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_indexcache.reports.markdown_report import markdown_text
from pytest_indexcache.reports.matrix_table import Family, families
from pytest_indexcache.reports.words.releases import range_of, span_of
from pytest_indexcache.reports.words.wording import many, short_names
from pytest_indexcache.run.matrix.results import PlayRecord, days_played
from pytest_indexcache.run.plays.results import Verdict

_NOTHING = "-"


def matrix_markdown(records: Sequence[PlayRecord]) -> str:
    """Return a table of scenarios and installers, and a line about releases, machines and days.

    A cell lists verdicts with their releases, oldest first. Releases that skipped the scenario are
    left out.
    """
    scenarios = sorted({record.result.scenario for record in records})
    found = families(records)
    heads = ["scenario", *(markdown_text(family.name) for family in found)]
    names = short_names(scenarios)
    rows = [
        [markdown_text(names[scenario]), *(_cell(family, scenario) for family in found)]
        for scenario in scenarios
    ]
    lines = [_row(heads), _row(["---"] * len(heads)), *map(_row, rows), "", _played(records, found)]
    return "".join(f"{line}\n" for line in lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(family: Family, scenario: str) -> str:
    kept = Family(
        family.name,
        tuple(
            release for release in family.releases if _is_shown(family.verdict(scenario, release))
        ),
        family.cells,
    )
    runs = kept.runs([scenario]) if kept.releases else []
    parts = [f"{kept.verdict(scenario, run[0])} {span_of(kept.name, run)}".rstrip() for run in runs]
    return "<br>".join(map(markdown_text, parts)) or _NOTHING


def _is_shown(verdict: Verdict | None) -> bool:
    return verdict not in (None, Verdict.SKIPPED)


def _played(records: Sequence[PlayRecord], found: Sequence[Family]) -> str:
    installers = ", ".join(
        f"{range_of(family.name, family.releases)} ({many(len(family.releases), 'release')})"
        for family in found
        if family.releases
    )
    machines = sorted(
        {f"{record.circumstances.platform}, {record.circumstances.python}" for record in records}
    )
    return markdown_text(f"Played: {installers}; {'; '.join(machines)}; {days_played(records)}.")
