"""Plays folded by release and grouped by cause."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.reports.page.folds import by_common_cause, fold
from pytest_indexcache.reports.page.plays import PagePlay, plays_of_records, plays_of_results
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

from ..plays import FAILED, HERE, PASSED, SKIPPED, play


def failing(cause: str, installer: str = "uv==0.8.1", subject: str = "torch") -> PagePlay:
    """Return a play that failed with this cause."""
    check = Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject=subject, causes=(cause,))
    result = play(subject, installer, FAILED).result
    changed = replace(result, steps=(StepResult(3, "sync", "", checks=(check,)),))
    return plays_of_results([changed])[0]


def spans(records: list[PagePlay]) -> list[tuple[str, str]]:
    """Return the family and the span of each fold."""
    return [(folded.newest.family, folded.span) for folded in fold(records)]


def test_neighbouring_releases_that_end_alike_are_one_range() -> None:
    """A different verdict divides a range, and releases are ordered by version."""
    verdicts = {"0.9.0": FAILED, "0.8.1": PASSED, "0.10.0": PASSED, "0.8.0": PASSED}
    records = [play("a", f"uv=={it}", verdict) for it, verdict in verdicts.items()]
    assert spans(plays_of_records(records)) == [
        ("uv", "0.8.0 - 0.8.1, 2 played"),
        ("uv", "0.9.0"),
        ("uv", "0.10.0"),
    ]


def test_another_cause_divides_a_range() -> None:
    """Releases that fail at the same step, but with different causes, are not folded."""
    plays = [failing(f"it said {what}", f"uv==0.{n}") for n, what in enumerate(("a", "a", "b"))]
    assert spans(plays) == [("uv", "0.0 - 0.1, 2 played"), ("uv", "0.2")]


def test_installers_are_named_with_what_they_differ_in() -> None:
    """Transport, platform and Python are shown only if plays differ in them."""
    there = replace(HERE, platform="macosx-arm64")
    records = [
        play("a", "uv==0.8.0", PASSED),
        play("a", "uv==0.8.0", PASSED, where=there, transport="inprocess"),
    ]
    families = [it.family for it in plays_of_records(records)]
    assert families == ["uv (wire, linux-x86_64)", "uv (inprocess, macosx-arm64)"]


def test_installer_without_a_release_has_no_span(passed: PlayResult) -> None:
    """The column of an installer without a release is named only by its spec."""
    results = [replace(passed, installer="reference", installer_version="")]
    assert spans(plays_of_results(results)) == [("reference", "")]


def test_one_cause_in_many_plays_is_told_once() -> None:
    """Causes that differ only in projects, files, numbers or releases are one group."""
    plays = [
        failing(f"{name}-{n}-py3-none-any.whl came again after {n} s", f"uv==0.{n}", name)
        for n, name in enumerate(("torch", "numpy", "six"))
    ]
    (cause,) = by_common_cause(fold(plays))
    assert (cause.count, cause.is_exact, len(cause.folds)) == (3, False, 3)
    assert cause.text == "torch-0-py3-none-any.whl came again after 0 s"


def test_same_sentence_is_exact() -> None:
    """A cause with the same wording in every play is marked as exact."""
    plays = [failing("it said no-store", f"uv==0.{n}") for n in range(3)]
    (cause,) = by_common_cause(fold(plays))
    assert (cause.count, cause.is_exact, cause.folds) == (3, True, (0,))


def test_what_needs_a_look_is_explained_before_what_is_known() -> None:
    """Regressions are listed before known bugs, even if more plays show the bugs."""
    known = [
        replace(it, result=replace(it.result, verdict=Verdict.REPRODUCED))
        for it in (failing("known", f"uv==0.{n}", "b") for n in range(5))
    ]
    causes = by_common_cause(fold([*known, failing("new")]))
    assert [(cause.text, cause.count) for cause in causes] == [("new", 1), ("known", 5)]


def test_every_bad_verdict_has_a_cause_and_a_skip_has_none() -> None:
    """Errors are grouped by reason, and failures without a cause by their observed values."""
    broken = play("a", "uv==0.1", Verdict.ERROR, reason="it broke\n  hint: mend it").result
    fixed = play("b", "uv==0.1", Verdict.FIXED).result
    silent = Check(CheckKind.REQUESTS, "0", "1", held=False, subject="wheel")
    unexplained = replace(
        play("c", "uv==0.1", FAILED).result, steps=(StepResult(1, "sync", "", checks=(silent,)),)
    )
    skipped = play("d", "uv==0.1", SKIPPED, reason="no verb").result
    results = [broken, fixed, unexplained, skipped, play("e", "uv==0.1", PASSED).result]
    texts = {cause.text for cause in by_common_cause(fold(plays_of_results(results)))}
    assert texts == {
        "it broke",
        "every expectation holds, although [affected] lists the release",
        "requests.wheel: expected 0, seen 1",
    }
