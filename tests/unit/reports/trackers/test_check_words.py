"""The words for checks in reports."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.trackers.check_words import check_text, check_words
from pytest_indexcache.run.plays.results import Check, CheckKind


def check(kind: CheckKind, expected: str, seen: str, **parts: str) -> Check:
    """Return a failed check."""
    return Check(kind, expected, seen, held=False, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (
            check(CheckKind.ABSENT, "absent", "x", subject="x"),
            ("`x` in the venv", "not installed", "installed"),
        ),
        (
            check(CheckKind.ABSENT, "absent", "x-a, x-b", subject="x-*"),
            ("`x-*` in the venv", "not installed", "`x-a, x-b` installed"),
        ),
        (
            check(CheckKind.LOCKED, "offered", "sha256:00", subject="x", field="hashes"),
            ("hashes of `x` in the lockfile", "hashes that the index offers", "`sha256:00`"),
        ),
        (
            check(CheckKind.LOCKED, "1.0", "offered", subject="x", field="version"),
            ("version of `x` in the lockfile", "`1.0`", "`offered`"),
        ),
        (
            check(CheckKind.ADDED, "nothing", "1.0", subject="x"),
            ("`x`, added to the venv", "not added", "`1.0`"),
        ),
        (
            check(CheckKind.REINSTALLED, "1.0", "nothing", subject="x"),
            ("`x`, reinstalled", "`1.0`", "not reinstalled"),
        ),
        (
            check(CheckKind.OUTPUT, "'a'", "there", subject="a", field="lacks"),
            ("output", "does not contain `a`", "contains `a`"),
        ),
        (
            check(CheckKind.DOWNLOADS, "0", "1", subject="x", member="together[1]"),
            ("`together[1]`: downloads of `x`", "`0`", "`1`"),
        ),
        (
            check(CheckKind.REQUESTS_TO, "0", "1", subject="page", index="pypi"),
            ("requests of kind `page` to index `pypi`", "`0`", "`1`"),
        ),
        (
            check(CheckKind.PAST_EDGE, "0", "1", subject="page"),
            ("`past-edge.page`", "`0`", "`1`"),
        ),
        (
            check(CheckKind.EXIT, "success", "failure"),
            ("end of the command", "`success`", "`failure`"),
        ),
    ],
)
def test_check_is_in_words(failed: Check, words: tuple[str, str, str]) -> None:
    """A check is shown with its subject in words; a check of another kind with its key."""
    assert check_words(failed) == words


def test_check_in_one_phrase() -> None:
    """In a table of installers, a check is one phrase."""
    failed = check(CheckKind.DOWNLOADS, "0", "1", subject="six")
    assert check_text(failed) == "downloads of `six`: expected `0`, seen `1`"


def test_words_cannot_be_markup() -> None:
    """Names and values in a check are shown as code."""
    failed = check(CheckKind.OUTPUT, "'<b>'", "there", subject="<b>@x", field="lacks")
    assert check_words(failed).seen == "contains `<b>@x`"
