"""What a bisect found, as lines."""

from __future__ import annotations

import json
from dataclasses import replace

from pytest_indexcache.reports.bisect_lines import answer_line, bisect_lines
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict
from pytest_indexcache.run.plays.results import Verdict

BAD = ReleaseVerdict("0.8.13", "2025-08-21", Verdict.REPRODUCED, False, 3)
GOOD = ReleaseVerdict("0.8.14", None, Verdict.PASSED, True)
BROKEN = ReleaseVerdict("0.8.2", "2025-07-22", Verdict.ERROR, None, reason="it broke\x07\nat 3")
OLD = ReleaseVerdict("0.1.0", "2024-02-15", Verdict.SKIPPED, None, reason="uv 0.1.0 has no lock")
OLDER = replace(OLD, release="0.0.5", reason="uv 0.0.5 has no lock")
FOUND = BisectResult(
    scenario="uv-1.toml",
    title="A title\x1b",
    issue="https://example.org/1",
    installer="uv",
    transport="wire",
    releases=332,
    lacking=(OLDER, OLD),
    answers=(BAD, replace(GOOD, remembered=True)),
    boundaries=(Boundary(BAD, GOOD),),
    is_exhaustive=False,
)


def test_boundary_effort_and_who_could_not_play_are_told() -> None:
    """The two releases with their days, how many plays it took, and which were left out."""
    assert list(bisect_lines(FOUND, 80)) == [
        "A title\\x1b",
        "https://example.org/1",
        "",
        "last bad    uv 0.8.13    2025-08-21  misbehaves at step 3",
        "first good  uv 0.8.14    no date     behaves",
        "",
        "1 play, 1 played before, of 332 releases",
        "not played: 0.0.5 - 0.1.0 (uv 0.1.0 has no lock)",
    ]


def test_a_regression_is_told_the_other_way_round() -> None:
    """Where the newer one misbehaves, it is the first bad."""
    broken = replace(FOUND, boundaries=(Boundary(GOOD, BAD),), issue=None)
    lines = list(bisect_lines(broken, 80))
    assert lines[2].startswith("last good   uv 0.8.14")
    assert lines[3].startswith("first bad   uv 0.8.13")


def test_what_lies_between_is_told() -> None:
    """Releases that could not be judged leave the boundary open, and that is said."""
    open_one = replace(FOUND, boundaries=(Boundary(BAD, GOOD, (BROKEN, BROKEN)),))
    assert "            between them 2 releases could not be judged: 0.8.2" in bisect_lines(
        open_one, 80
    )


def test_reasons_are_one_line_that_a_terminal_shows() -> None:
    """An error's first line follows the verdict."""
    assert answer_line("uv", BROKEN) == "uv 0.8.2     2025-07-22  error: it broke\\x07"


def test_exhaustive_tells_every_range() -> None:
    """With all releases played, ranges come first."""
    whole = replace(FOUND, is_exhaustive=True, boundaries=(), answers=(BAD, BAD))
    lines = list(bisect_lines(whole, 80))
    assert "  0.8.13                misbehaves at step 3" in lines
    assert "no boundary: every release that could be judged misbehaves" in lines


def test_result_is_what_json_can_hold() -> None:
    """Nothing is lost on the way to JSON."""
    data = json.loads(json.dumps(FOUND.to_json()))
    assert data["boundaries"][0]["before"]["release"] == "0.8.13"
    assert data["boundaries"][0]["is_repair"] is True
    assert [one["verdict"] for one in data["lacking"]] == ["skipped", "skipped"]
    assert data["plays"] == 1
