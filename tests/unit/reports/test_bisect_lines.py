"""The result of a bisect, in lines and in Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.reports.bisect_lines import answer_line, bisect_lines
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict
from pytest_indexcache.run.plays.results import Verdict

SIGNATURE = "3:success:downloads.torch"
BAD = ReleaseVerdict(
    "0.8.13",
    "2025-08-21",
    Verdict.REPRODUCED,
    False,
    3,
    signature=SIGNATURE,
    failed=("downloads.torch 1, expected 0",),
    causes=("torch.whl was downloaded again: the response said no-store\x1b",),
)
GOOD = ReleaseVerdict("0.8.14", None, Verdict.PASSED, True)
BROKEN = ReleaseVerdict(
    "0.8.2", "2025-07-22", Verdict.ERROR, None, reason="uv==0.8.2: it broke\x07: no\nat 3"
)
OLD = ReleaseVerdict("0.1.0", "2024-02-15", Verdict.SKIPPED, None, reason="uv 0.1.0 has no lock")
OLDER = replace(OLD, release="0.0.5", reason="uv 0.0.5 has no lock")
BOUNDARY = Boundary(
    BAD,
    GOOD,
    again=(BAD, GOOD),
    compare_url="https://github.com/astral-sh/uv/compare/0.8.13...0.8.14",
)
FOUND = BisectResult(
    scenario="uv-1.toml",
    title="A title\x1b",
    issue="https://example.org/1",
    installer="uv",
    transport="wire",
    releases=("0.0.5", "0.1.0", "0.8.1", "0.8.2", "0.8.3", "0.8.13", "0.8.14"),
    lacking=(OLDER, OLD),
    answers=(BROKEN, BAD, replace(GOOD, remembered=True)),
    boundaries=(BOUNDARY,),
    is_exhaustive=False,
    platform="linux-x86_64",
    python="CPython 3.13.0",
    harness="1.0+abc",
)


def test_change_cause_effort_and_way_on_are_told() -> None:
    """The lines name both releases with dates, the cause, the gaps, and the next command."""
    assert list(bisect_lines(FOUND, "my file.toml", 80)) == [
        "A title\\x1b",
        "https://example.org/1",
        "",
        "mends 0.8.14",
        "  last bad    uv 0.8.13    2025-08-21  misbehaves at step 3",
        "              downloads.torch 1, expected 0",
        "  first good  uv 0.8.14    no date     behaves",
        "  both were played twice, with the same result",
        "  why 0.8.13 misbehaves:",
        "    torch.whl was downloaded again: the response said no-store\\x1b",
        "  https://github.com/astral-sh/uv/compare/0.8.13...0.8.14",
        "",
        "4 plays (2 again), 1 played before, of 7 releases",
        "not played: 2 releases: 0.8.1, 0.8.3",
        "not judged: 3 releases: 0.0.5 - 0.1.0 (has no lock), 0.8.2 (it broke\\x07)",
        "--json writes every check and reason in full",
        "",
        "to continue with your own build, by hand or with git bisect run:",
        "  indexcache play 'my file.toml' --installer uv@target/debug/uv \\",
        "    --signature 3:success:downloads.torch --swap",
    ]


@pytest.mark.parametrize(
    ("before", "after", "headline", "names"),
    [
        (GOOD, BAD, "breaks 0.8.13", ("last good ", "first bad ")),
        (BAD, GOOD, "mends 0.8.14", ("last bad ", "first good ")),
        (replace(BAD, signature="3:crash:exit"), BAD, "changes 0.8.13", ("before ", "after ")),
    ],
)
def test_headline_says_what_the_newer_release_does(
    before: ReleaseVerdict, after: ReleaseVerdict, headline: str, names: tuple[str, str]
) -> None:
    """The headline of a change says whether the release breaks, fixes or changes a behaviour."""
    result = replace(FOUND, boundaries=(Boundary(before, after),), issue=None)
    lines = list(bisect_lines(result, "x.toml", 120))
    place = lines.index(headline)
    sides = [line.strip() for line in lines[place + 1 : place + 5] if " uv 0." in line]
    assert [side.startswith(name) for side, name in zip(sides, names, strict=True)] == [True] * 2


def test_releases_between_the_two_of_a_change_are_counted() -> None:
    """The lines count unjudged and unplayed releases between the two of a change."""
    boundary = replace(BOUNDARY, between=(BROKEN, BROKEN), unasked=3)
    lines = list(bisect_lines(replace(FOUND, boundaries=(boundary,)), "x.toml", 80))
    assert "              between them 2 releases could not be judged: 0.8.2" in lines
    assert "              between them 3 releases were not played" in lines


def test_a_flip_is_told_with_every_result() -> None:
    """A release with two different results is reported as flaky, with both results."""
    boundary = replace(BOUNDARY, again=(BAD, replace(BAD, release="0.8.14")))
    lines = list(bisect_lines(replace(FOUND, boundaries=(boundary,)), "x.toml", 120))
    assert "mends 0.8.14 (flaky: repeated plays gave other results)" in lines
    assert (
        "  0.8.14 gave: behaves, then misbehaves at step 3 (downloads.torch 1, expected 0)" in lines
    )


def test_long_lists_are_wrapped() -> None:
    """A long list of unplayed or skipped releases is wrapped, and names every release."""
    releases = tuple(f"0.1.{n}" for n in range(100))
    answers = tuple(
        replace(BROKEN, release=release, reason=f"{release} broke in way {place}")
        for place, release in enumerate(releases)
        if place % 2
    )
    result = replace(FOUND, releases=releases, lacking=(), answers=answers, boundaries=())
    lines = list(bisect_lines(result, "x.toml", 80))
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(("not judged: 50", "not played: 50")) for line in lines) == 2
    assert set(releases) <= set(re.findall(r"0\.1\.\d+", "\n".join(lines)))


@pytest.mark.parametrize(
    ("changes", "is_shortened"),
    [
        ({"answers": (BAD, GOOD)}, False),
        ({"answers": (BROKEN, BAD, GOOD)}, True),
        ({"boundaries": (replace(BOUNDARY, before=replace(BAD, failed=("x" * 101,))),)}, True),
        ({"boundaries": (replace(BOUNDARY, before=replace(BAD, failed=tuple("abcd"))),)}, True),
    ],
)
def test_shortened_text_is_pointed_out(changes: dict[str, Any], is_shortened: bool) -> None:
    """If a check or a reason is shortened, a line says where all of it can be read."""
    lines = bisect_lines(replace(FOUND, **{"answers": (BAD, GOOD), **changes}), "x.toml", 80)
    assert ("--json writes every check and reason in full" in lines) == is_shortened


def test_reasons_are_one_line_that_a_terminal_shows() -> None:
    """The line of a broken release ends with the reason, which is escaped."""
    assert (
        answer_line("uv", BROKEN) == "uv 0.8.2     2025-07-22  error: uv==0.8.2: it broke\\x07: no"
    )


def test_exhaustive_tells_every_range() -> None:
    """If all releases were played, each range is printed with its behaviour."""
    whole = replace(FOUND, is_exhaustive=True, boundaries=(), answers=(BAD, BAD))
    lines = list(bisect_lines(whole, "x.toml", 80))
    assert "  0.8.13                misbehaves at step 3" in lines
    told = "no change: every release that could be judged misbehaves at step 3, from 0.8.13 to"
    assert told in " ".join(lines)


def test_result_is_what_json_can_hold() -> None:
    """The result of a bisect is written to JSON with all its parts."""
    data = json.loads(json.dumps(FOUND.to_json()))
    assert data["boundaries"][0]["before"]["release"] == "0.8.13"
    assert data["boundaries"][0]["is_repair"] is True
    assert [one["verdict"] for one in data["lacking"]] == ["skipped", "skipped"]
    assert (data["plays"], data["releases"]) == (4, 7)
    assert data["unlooked"][0] == {"oldest": "0.8.1", "newest": "0.8.1", "releases": 1}
