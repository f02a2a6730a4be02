"""The releases in the issue text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pytest_indexcache.reports.trackers.templates import issue_text

from ..test_bisect_lines import BOUNDARY, FOUND
from .reported import facts


def test_changes_that_are_not_certain_are_one_line() -> None:
    """Changes at which repeated plays disagree are only counted, and other changes are listed."""
    again = (replace(BOUNDARY.before, behaves=True, signature=None),)
    flaky = tuple(
        replace(BOUNDARY, after=replace(BOUNDARY.after, release=f"0.9.{n}"), again=again)
        for n in range(3)
    )
    found = replace(FOUND, boundaries=(*flaky, replace(BOUNDARY, again=())))
    text = issue_text(facts(bisect=found), "uv")
    assert text.count("mends it") == 1
    assert (
        "- from 0.8.13 to 0.9.2, repeated plays of the same release gave different results, so 3 "
        "more changes are not certain\n" in text
    )
    assert re.search(r"^- played: \d+ of \d+ releases", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("", "Only `uv 0.8.11` was played; other releases were not looked at."),
        ("its releases are not known", "Only `uv 0.8.11` was played: its releases are not known."),
    ],
)
def test_report_without_a_bisect_says_so_once(why: str, expected: str) -> None:
    """Without a bisect, a report says that the release was not bisected, with a known reason."""
    assert f"\n{expected}\n" in issue_text(facts(not_bisected=why), "uv")


def test_release_next_to_releases_that_were_not_judged_is_not_said_to_be_the_first() -> None:
    """A change with unplayed or unjudged releases in its middle names their number."""
    apart = replace(BOUNDARY, again=(), unasked=3)
    text = issue_text(facts(bisect=replace(FOUND, boundaries=(apart,))), "uv")
    assert f"- {BOUNDARY.after.release} or one before mends it" in text
    assert "; 3 releases between them not judged)" in text


def test_releases_that_cannot_play_the_scenario_are_counted() -> None:
    """The number of played releases is explained by those that lack a capability."""
    lacking = replace(FOUND.answers[0], release="0.1.0", reason="uv 0.1.0 has no sync")
    text = issue_text(facts(bisect=replace(FOUND, lacking=(lacking,))), "uv")
    assert "; 1 cannot play the scenario (uv 0.1.0 has no sync)" in text


def test_change_between_misbehaviours_that_was_not_narrowed_down_names_no_release() -> None:
    """If releases misbehave in two ways, with unplayed releases between, none of them is blamed."""
    apart = replace(BOUNDARY, after=replace(BOUNDARY.before, release="0.9.0"), again=(), unasked=3)
    text = issue_text(facts(bisect=replace(FOUND, boundaries=(apart,))), "uv")
    assert "0.9.0 or one before changes it" not in text
    assert "- the releases that misbehave differ in the step or in the expectations" in text
