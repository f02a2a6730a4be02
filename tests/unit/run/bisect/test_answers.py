"""The choice of the release to play next, on lists of any length and with any unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_indexcache.run.bisect.answers import (
    Answer,
    answer_of,
    boundaries,
    likely_questions,
    next_question,
)
from pytest_indexcache.run.plays.results import Verdict

GOOD, BAD, UNKNOWN = Answer.GOOD, Answer.BAD, Answer.UNKNOWN


def ask(truth: Sequence[Answer], listed: frozenset[int] = frozenset()) -> dict[int, Answer]:
    """Ask until there is nothing more to ask."""
    answers: dict[int, Answer] = {}
    while (place := next_question(len(truth), answers, listed)) is not None:
        assert place not in answers, "a release is asked twice"
        answers[place] = truth[place]
    return answers


def judged(answers: dict[int, Answer]) -> list[Answer]:
    """Return the answers that are not unknown, oldest first."""
    return [answers[place] for place in sorted(answers) if answers[place] is not UNKNOWN]


@st.composite
def one_boundary(draw: st.DrawFn) -> list[Answer]:
    """Make a list with one boundary at most, in either direction, and unknowns anywhere."""
    older = draw(st.integers(0, 400))
    newer = draw(st.integers(0, 400))
    first, second = draw(st.permutations([GOOD, BAD]))
    truth = [first] * older + [second] * newer
    if truth:
        for place in draw(st.sets(st.integers(0, len(truth) - 1), max_size=60)):
            truth[place] = UNKNOWN
        for place in range(min(draw(st.integers(0, 80)), len(truth))):
            truth[place] = UNKNOWN
    return truth


@given(one_boundary())
@settings(max_examples=300)
def test_one_boundary_is_found_within_few_plays(truth: list[Answer]) -> None:
    """The boundary is found, as narrow as unknowns allow, within log2(n), ends and skips."""
    answers = ask(truth)
    assert boundaries(answers) == boundaries(dict(enumerate(truth)))
    skips = sum(1 for answer in answers.values() if answer is UNKNOWN)
    assert len(answers) - skips <= ceil(log2(max(len(truth), 1))) + 2


@given(st.lists(st.sampled_from(Answer), max_size=60), st.frozensets(st.integers(0, 59)))
def test_what_is_said_of_any_list_is_true(truth: list[Answer], listed: frozenset[int]) -> None:
    """Between the two releases of a boundary that is told, every release was asked in vain.

    Without one, the oldest and the newest that can be judged agree.
    """
    answers = ask(truth, listed)
    for older, newer in boundaries(answers):
        assert truth[older] is not truth[newer]
        assert all(truth[place] is UNKNOWN for place in range(older + 1, newer))
        assert all(place in answers for place in range(older, newer))
    ends = [answer for answer in truth if answer is not UNKNOWN]
    if ends:
        assert (judged(answers)[0], judged(answers)[-1]) == (ends[0], ends[-1])
        assert boundaries(answers) or ends[0] is ends[-1]
    else:
        assert len(answers) == len(truth)


@given(st.lists(st.sampled_from(Answer), max_size=60))
def test_all_boundaries_of_a_list_that_was_played_whole(truth: list[Answer]) -> None:
    """With every release played, each change of behaviour is told once."""
    found = boundaries(dict(enumerate(truth)))
    told = [answer for answer in truth if answer is not UNKNOWN]
    assert len(found) == sum(1 for one, other in pairwise(told) if one is not other)
    assert all(truth[older] is not truth[newer] for older, newer in found)


@given(one_boundary(), st.data())
def test_what_is_asked_next_was_foreseen(truth: list[Answer], data: st.DataObject) -> None:
    """The next question is among those that are made ready meanwhile, of which there are three."""
    answers: dict[int, Answer] = {}
    while (place := next_question(len(truth), answers)) is not None:
        foreseen = likely_questions(len(truth), answers, place)
        answers[place] = truth[place]
        following = next_question(len(truth), answers)
        assert len(foreseen) <= 3
        assert following is None or following in foreseen


def test_ends_are_asked_first() -> None:
    """The newest comes first, then the oldest, then the middle."""
    answers: dict[int, Answer] = {}
    asked = []
    for answer in (GOOD, BAD, BAD):
        place = next_question(9, answers)
        assert place is not None
        asked.append(place)
        answers[place] = answer
    assert asked == [8, 0, 4]


def test_an_unknown_end_is_left_for_its_neighbour() -> None:
    """Ends go inwards until one can be judged."""
    assert sorted(ask([UNKNOWN, UNKNOWN, GOOD, GOOD, GOOD, UNKNOWN])) == [0, 1, 2, 4, 5]


def test_a_listed_release_is_asked_where_both_ends_behave() -> None:
    """A bug that came and went is found from both sides, because [affected] names a release."""
    truth = [GOOD] * 20 + [BAD] * 30 + [GOOD] * 50
    assert boundaries(ask(truth)) == ()
    assert boundaries(ask(truth, frozenset({40}))) == ((19, 20), (49, 50))


def test_a_release_that_is_not_listed_is_asked_where_no_end_behaves() -> None:
    """The newest release that [affected] leaves out is tried where both ends misbehave."""
    truth = [BAD] * 3 + [GOOD] * 4 + [BAD] * 5
    assert boundaries(ask(truth, frozenset({0, 1, 2, 7, 8, 9, 10, 11}))) == ((2, 3), (6, 7))


@pytest.mark.parametrize("listed", [frozenset(range(4)), frozenset({1})], ids=["all", "an unknown"])
def test_a_record_that_helps_nothing_ends_the_search(listed: frozenset[int]) -> None:
    """Where the record has no release to try, two plays are all."""
    assert len(judged(ask([BAD, UNKNOWN, UNKNOWN, BAD], listed))) == 2


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.PASSED, GOOD),
        (Verdict.FIXED, GOOD),
        (Verdict.FAILED, BAD),
        (Verdict.REPRODUCED, BAD),
        (Verdict.SKIPPED, UNKNOWN),
        (Verdict.ERROR, UNKNOWN),
    ],
)
def test_a_verdict_says_whether_a_release_behaves(verdict: Verdict, answer: Answer) -> None:
    """The record has no say; a skip and an error are no verdict on caching."""
    assert answer_of(verdict) is answer
