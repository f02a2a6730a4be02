"""The feed of changed cells."""

from __future__ import annotations

from pytest_indexcache.reports.page.site.earlier import EarlierCell, EarlierSite
from pytest_indexcache.reports.page.site.feed import (
    MOST_ENTRIES,
    CellChange,
    changes_of,
    feed_updated,
    newest_changes,
)

from .scenarios import scenario

NAME = "scenarios/pages/a.toml"


def _change(measured: str, affected: str, earlier: EarlierCell | None = None) -> CellChange:
    one = scenario(measured={"uv": measured}, affected={"uv": affected})
    before = EarlierSite({(NAME, "uv"): earlier} if earlier else {})
    (change,) = changes_of([one], before)
    return change


def test_entry_stays_while_the_behaviour_does() -> None:
    """A feed entry changes with the range of affected releases, but not with more plays."""
    first = _change("0.9; 2026-11-01", ">=0.1")
    later = _change("0.9 - 0.10, 2 releases; 2026-11-30", ">=0.1")
    other = _change("0.9 - 0.10, 2 releases; 2026-11-30", ">=0.1,<=0.9")
    assert first.id == later.id != other.id


def test_earlier_build_says_since_when_and_what_was_before() -> None:
    """An unchanged cell keeps its day; a changed cell names its earlier behaviour."""
    before = EarlierCell("reproduced; >=0.1", "2026-11-01", "passed")
    same = _change("0.9; 2026-11-30", ">=0.1", before)
    assert (same.since, same.was) == ("2026-11-01", "passed")
    changed = _change("0.9; 2026-11-30", "<=0.8", before)
    assert (changed.since, changed.was) == ("2026-11-30", "reproduced; >=0.1")


def test_feed_has_the_newest_changes_first() -> None:
    """Feed entries are sorted by day, then by name, and their number is limited."""
    days = [f"2026-11-{day:02}" for day in range(1, 31)] * 5
    many = [
        scenario(f"pages/{at:03}", measured={"uv": f"0.9; {day}"}) for at, day in enumerate(days)
    ]
    changes = changes_of(many, EarlierSite())
    newest = newest_changes(changes)
    assert len(newest) == MOST_ENTRIES
    assert [it.since for it in newest] == sorted((it.since for it in changes), reverse=True)[:100]
    assert [it.place[-3:] for it in newest[:5]] == ["029", "059", "089", "119", "149"]
    assert feed_updated(changes) == "2026-11-30T00:00:00Z"
    assert feed_updated([]) == "1970-01-01T00:00:00Z"
