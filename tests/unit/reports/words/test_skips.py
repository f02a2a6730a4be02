"""Reasons for which plays were skipped."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.words.skips import by_installer, skip_texts
from pytest_indexcache.run.plays.results import PlayResult
from tests.unit.reports.plays import PASSED, SKIPPED, play


def skipped(installer: str, *reasons: str) -> list[PlayResult]:
    """Return a skipped play for each reason."""
    return [play("uv-1", installer, SKIPPED, reason=reason).result for reason in reasons]


@pytest.mark.parametrize(
    ("installer", "reason", "text"),
    [
        (
            "uv==0.4.1",
            "uv==0.4.1 has no x: it came with 0.5",
            "uv 0.4.1 has no x: it came with 0.5",
        ),
        ("uv==0.4.1", "uv 0.4.1 has no x", "uv 0.4.1 has no x"),
        ("uv==0.4.1", "uv==0.4.1: there is no wheel\n  hint: none", "uv 0.4.1: there is no wheel"),
        ("uv==0.4.1", "uv has no x", "uv has no x"),
        ("uv==0.4.1", "it needs Python >= 3.12", "uv 0.4.1: it needs Python >= 3.12"),
        ("uv==0.4.1", "step 12: uv has no x", "uv has no x"),
        ("uv==0.4.1", "step 2 is for pip alone", "uv 0.4.1: a step is for pip alone"),
        ("uv==0.4.1", "", "uv 0.4.1: no reason is given"),
        ("uv==0.4.1", "uv has no \x1b[31mx", "uv has no \\x1b[31mx"),
    ],
)
def test_reason_names_who_lacks_something_once(installer: str, reason: str, text: str) -> None:
    """A reason names installer, release and missing feature only once, on one line."""
    assert list(skip_texts("uv", skipped(installer, reason))) == [f"1 play: {text}"]


def test_plays_with_one_reason_are_one_text() -> None:
    """Plays whose reasons differ only in release or step share one reason."""
    results = [
        *skipped("uv==0.1.10", "step 1: uv==0.1.10 has no x: it came with 0.3"),
        *skipped("uv==0.1.9", "step 3: uv==0.1.9 has no x: it came with 0.3", "uv has no y"),
        play("uv-1", "uv==1", PASSED).result,
    ]
    assert list(skip_texts("uv", results)) == [
        "2 plays: uv 0.1.9 - 0.1.10 has no x: it came with 0.3",
        "1 play: uv has no y",
    ]


def test_releases_of_an_installer_stand_together_and_variants_apart() -> None:
    """Releases of one installer are grouped, but builds and variants are listed separately."""
    results = [*skipped("uv==1", "a"), *skipped("uv@x/uv", "a"), *skipped("uv==2", "a")]
    names = {name: len(plays) for name, plays in by_installer(results).items()}
    assert names == {"uv": 2, "uv@x/uv": 1}
