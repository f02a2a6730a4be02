"""The answers of releases, and the changes between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.run.bisect.answers import (
    Answer,
    about_the_subject,
    changes,
    is_of_behaviour,
)
from pytest_indexcache.run.bisect.signatures import Signature
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

GOOD = Answer(True)
NOTHING = Answer(None, reason="it does not start")


def misses(step: int, *keys: str) -> Answer:
    """Return the answer of a release that fails an expectation although its command succeeds."""
    return Answer(False, Signature(step, ExitKind.SUCCESS, keys))


def refuses(step: int, kind: ExitKind = ExitKind.FAILURE) -> Answer:
    """Return the answer of a release whose command failed unexpectedly."""
    return Answer(False, Signature(step, kind, ("exit",)))


TORCH = misses(3, "downloads.torch")


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.PASSED, GOOD),
        (Verdict.FIXED, GOOD),
        (Verdict.FAILED, misses(1, "nominal")),
        (Verdict.REPRODUCED, misses(1, "nominal")),
        (Verdict.SKIPPED, Answer(None, reason="why")),
        (Verdict.ERROR, Answer(None, reason="why")),
    ],
)
def test_a_verdict_says_whether_a_release_behaves(verdict: Verdict, expected: Answer) -> None:
    """``[affected]`` does not change an answer, and a skip or an error is unjudged."""
    is_bad = verdict in (Verdict.FAILED, Verdict.REPRODUCED)
    step = StepResult(1, "sync", "", checks=(Check(CheckKind.NOMINAL, "1 B", "2 B", not is_bad),))
    reason = "" if is_bad or verdict in (Verdict.PASSED, Verdict.FIXED) else "why"
    result = PlayResult(
        "s.toml", "t", "uv==1.0", "1.0", "wire", verdict, reason=reason, steps=(step,)
    )
    assert Answer.of(result) == expected


@pytest.mark.parametrize(
    ("answers", "listed", "passed_over"),
    [
        pytest.param([refuses(1), TORCH, GOOD], (), {0}, id="command-fails-before-the-subject"),
        pytest.param([refuses(1), refuses(3), GOOD], (), {0}, id="last-failing-step-of-commands"),
        pytest.param([refuses(1), GOOD], (), set(), id="nothing-else-fails"),
        pytest.param(
            [misses(1, "downloads.torch"), TORCH, TORCH, GOOD], (), {0}, id="opening-step-differs"
        ),
        pytest.param(
            [misses(2, "requests.page"), TORCH, TORCH, GOOD], (), set(), id="a-bug-of-its-own"
        ),
        pytest.param(
            [refuses(1), refuses(1), refuses(1), TORCH], (), {0, 1, 2}, id="most-fail-too-early"
        ),
        pytest.param([refuses(2), TORCH, TORCH], {0}, set(), id="listed-release-names-subject"),
        pytest.param([TORCH, misses(4, "x"), misses(4, "x")], (), set(), id="not-before-command"),
        pytest.param([TORCH, refuses(5)], (), set(), id="later-failure-is-another-signature"),
    ],
)
def test_releases_that_fail_before_the_subject_say_nothing(
    answers: list[Answer], listed: set[int], passed_over: set[int]
) -> None:
    """A release that fails before the bisected step is unjudged, with that reason."""
    raw = dict(enumerate(answers))
    read = about_the_subject(raw, frozenset(listed))
    assert {place for place, answer in read.items() if not answer.is_judged} == passed_over
    for place in passed_over:
        assert f"fails at step {answers[place].signature.step}, before" in read[place].reason  # type: ignore[union-attr]
    assert all(read[place] == raw[place] for place in raw if place not in passed_over)


def test_changes_are_between_judged_neighbours_that_differ() -> None:
    """A change is between two judged neighbours with different answers or signatures."""
    answers = dict(enumerate([GOOD, NOTHING, TORCH, TORCH, refuses(3), NOTHING, GOOD, GOOD]))
    found = changes(answers)
    assert found == ((0, 2), (3, 4), (4, 6))
    assert [is_of_behaviour(pair, answers) for pair in found] == [True, False, True]


@given(st.lists(st.sampled_from([GOOD, NOTHING, TORCH, refuses(1), misses(2, "x")]), max_size=30))
def test_good_answers_and_silent_ones_are_never_rewritten(answers: list[Answer]) -> None:
    """Only a misbehaving answer can become unjudged, and at least one of them is kept."""
    raw = dict(enumerate(answers))
    read = about_the_subject(raw)
    for place, answer in raw.items():
        assert read[place] == answer or (answer.behaves is False and not read[place].is_judged)
    if any(answer.behaves is False for answer in answers):
        assert any(answer.behaves is False for answer in read.values())
