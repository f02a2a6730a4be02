"""Measurements of affected releases, computed from a matrix."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet

from pytest_indexcache.run.matrix.measurements import Measurement, measurements
from pytest_indexcache.run.plays.results import Verdict

from .records import record

VERDICTS = {
    "b": Verdict.FAILED,
    "r": Verdict.REPRODUCED,
    "g": Verdict.PASSED,
    "x": Verdict.FIXED,
    "s": Verdict.SKIPPED,
    "e": Verdict.ERROR,
}
SCENARIO = "scenarios/pytorch/uv-1.toml"


def measured(verdicts: str) -> Measurement:
    """Return the measurement of releases 0.8, 0.9, 0.10 and so on of uv, in any order."""
    records = [
        record(SCENARIO, f"uv==0.{8 + place}", VERDICTS[letter])
        for place, letter in enumerate(verdicts)
    ]
    return measurements(reversed(records))[SCENARIO]["uv"]


@pytest.mark.parametrize(
    ("verdicts", "affected"),
    [
        ("ggg", ""),
        ("xgg", ""),
        ("bbb", ">=0.8"),
        ("rbg", ">=0.8,<=0.9"),
        ("gbb", ">=0.9"),
        ("gbxg", ">=0.9,<=0.9"),
        ("bgb", ">=0.8,!=0.9"),
        ("gbggrg", ">=0.9,<=0.12,!=0.10,!=0.11"),
        ("sbseg", ">=0.9,<=0.9"),
    ],
)
def test_the_specifier_lists_what_misbehaves(verdicts: str, affected: str) -> None:
    """The specifier matches exactly the bad releases, and has no upper end if the newest is bad."""
    found = measured(verdicts).affected
    assert found == affected
    for place, letter in enumerate(verdicts):
        if letter not in "se":
            listed = bool(found) and f"0.{8 + place}" in SpecifierSet(found)
            assert listed == (letter in "br")


@pytest.mark.parametrize(
    ("bad", "affected"),
    [
        (("1.0.0", "1.3.0"), ">=1.0.0,!=1.0.1,!=1.1.*,!=1.2.0"),
        (("1.0.1", "1.1.1", "1.3.0"), ">=1.0.1,!=1.1.0,!=1.2.0"),
    ],
)
def test_a_series_that_behaves_is_left_out_as_one(bad: tuple[str, ...], affected: str) -> None:
    """A minor series in which several releases behave, and none is bad, is excluded as a whole."""
    releases = ("1.0.0", "1.0.1", "1.1.0", "1.1.1", "1.2.0", "1.3.0")
    records = [
        record(SCENARIO, f"uv=={it}", VERDICTS["b" if it in bad else "g"]) for it in releases
    ]
    found = measurements(records)[SCENARIO]["uv"].affected
    assert found == affected
    assert [it for it in releases if it in SpecifierSet(found)] == list(bad)


def test_what_was_played_is_told_with_its_days() -> None:
    """``played`` gives the days, and counts only releases with a verdict."""
    assert measured("bbgs").played == "0.8 - 0.10, 3 releases; 2026-11-21"
    first = replace(record(SCENARIO), played_at="2026-11-20T23:59:59+00:00")
    days = measurements([first, record(SCENARIO, "uv==0.9.4")])[SCENARIO]["uv"].played
    assert days == "0.8.11 - 0.9.4, 2 releases; 2026-11-20 to 2026-11-21"
    assert measurements([first])[SCENARIO]["uv"].played == "0.8.11; 2026-11-20"


def test_only_releases_with_verdicts_are_measured() -> None:
    """Only releases with a verdict are measured, not variants, programs on PATH or builds."""
    nothing = [
        record(installer="reference:obey-no-store"),
        record(installer="uv"),
        record(installer="uv@target/debug/uv"),
        record(installer="uv==0.8.11", verdict=Verdict.ERROR),
        record(installer="pip==26.3", verdict=Verdict.SKIPPED),
    ]
    assert measurements(nothing) == {}
