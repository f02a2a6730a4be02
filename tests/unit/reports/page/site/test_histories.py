"""Histories of plays."""

from __future__ import annotations

from pytest_indexcache.reports.page.site.histories import history_rows

from ...plays import FAILED, PASSED, play
from .scenarios import scenario


def test_runs_of_releases_are_told_newest_first() -> None:
    """Neighbouring releases with one verdict share a row, with the causes of the newest."""
    verdicts = {"0.8.9": FAILED, "0.8.10": FAILED, "0.9": PASSED}
    plays = [play("a", f"uv=={release}", verdict) for release, verdict in verdicts.items()]
    rows = history_rows(scenario("pages/a", *plays, affected={"uv": "<0.9"}).history)
    assert [(row.releases, row.count, row.in_short) for row in rows] == [
        ("0.9", 1, "passed"),
        ("0.8.9 - 0.8.10", 2, "reproduced at step 3"),
    ]
    assert rows[0].causes == ()
    assert rows[1].causes[0] == "it said no-store"
    assert rows[1].days == "2026-11-21"
