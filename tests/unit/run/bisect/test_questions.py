"""The choice of releases to play next, on simulated releases with changes and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.run.bisect.answers import Answer, changes, is_of_behaviour
from pytest_indexcache.run.bisect.questions import SearchPlan, likely_questions, next_questions
from pytest_indexcache.run.bisect.signatures import Signature

GOOD = Answer(True)
BAD = Answer(False, Signature(3, ExitKind.SUCCESS, ("downloads.torch",)))
WORSE = Answer(False, Signature(3, ExitKind.CRASH, ("exit",)))
NOTHING = Answer(None, reason="it does not start")

UV = [1, 46, 38, 6, 31, 32, 18, 23, 25, 31, 13, 34, 25, 10]
"""The number of patches of each minor release of uv, as listed on the index."""
PIP = [2, 2, 5, 4, 2, 4, 4, 2, 5, 3, 3, 2, 2, 3, 2, 3, 1, 3, 1, 2, 2, 2, 1, 1, 2, 3, 2, 1]
OLD_PIP = [2, 2, 1, 2, 4, 3, 4, 3, 1, 2, 2, 2, 7, 9, 2, 4, 3, 4, 3, 4, 2, 1, 1, 4, 2, 4, 2]


def versions(patches: Sequence[int]) -> list[str]:
    """Return releases, oldest first, with this number of patches per minor release."""
    return [f"0.{minor}.{patch}" for minor, count in enumerate(patches) for patch in range(count)]


def search(
    truth: Sequence[Answer],
    plan: SearchPlan,
    known: dict[int, Answer] | None = None,
    at_once: int = 1,
) -> tuple[dict[int, Answer], int]:
    """Answer all questions of a search; return the answers and the number of plays."""
    answers = dict(known or {})
    plays = 0
    while questions := next_questions(plan, answers, frozenset(), plays):
        for place in questions[:at_once]:
            assert place not in answers, "a release is asked twice"
            answers[place] = truth[place]
            plays += 1
    return plan.read(answers), plays


def whole(*runs: tuple[int, Answer]) -> list[Answer]:
    """Return one answer per release; each run gives a number of releases and their answer."""
    return [answer for count, answer in runs for _ in range(count)]


def plan_of(patches: Sequence[int], listed: frozenset[int] = frozenset()) -> SearchPlan:
    """Return the plan for minor releases with this number of patches."""
    return SearchPlan.of(versions(patches), listed, 1)


@st.composite
def step_functions(draw: st.DrawFn) -> tuple[list[int], list[Answer]]:
    """Make minor releases whose answers change anywhere, some of them unjudged."""
    patches = draw(st.lists(st.integers(1, 40), min_size=1, max_size=20))
    count = sum(patches)
    places = sorted(draw(st.sets(st.integers(1, count), max_size=4)) | {count})
    truth: list[Answer] = []
    for place in places:
        answer = draw(st.sampled_from([GOOD, BAD, WORSE]))
        truth += [answer] * (place - len(truth))
    for place in draw(st.sets(st.integers(0, count - 1), max_size=30)):
        truth[place] = NOTHING
    for place in range(min(draw(st.integers(0, 80)), count)):
        truth[place] = NOTHING
    return patches, truth


@given(step_functions())
@settings(max_examples=200, deadline=None)
def test_every_change_between_sampled_releases_is_found(
    case: tuple[list[int], list[Answer]],
) -> None:
    """A change between any two judged neighbours of the sample is narrowed down.

    Between the two releases of a change, only unjudged releases are left, or ranges surrounded
    by three or more unjudged releases.
    """
    patches, truth = case
    plan = plan_of(patches)
    answers, _ = search(truth, plan)
    for pair in changes(answers):
        if not is_of_behaviour(pair, answers):
            continue
        assert truth[pair[0]] != truth[pair[1]]
        inside = [place for place in sorted(answers) if pair[0] < place < pair[1]]
        unasked = [place for place in range(pair[0] + 1, pair[1]) if place not in answers]
        assert all(truth[place] is NOTHING for place in inside)
        assert not unasked or len(inside) >= 3
        assert not unasked or min(inside) == pair[0] + 1 or unasked[0] > min(inside)
    read = [answers[place] for place in plan.samples if place in answers]
    told = [answer for answer in read if answer.is_judged]
    seen = sum(1 for one, other in pairwise(told) if one != other)
    assert len(changes(answers)) >= seen


@given(step_functions(), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_plays_are_few(case: tuple[list[int], list[Answer]], at_once: int) -> None:
    """The number of plays for a change grows only with the logarithm of its range."""
    patches, truth = case
    plan = plan_of(patches)
    answers, plays = search(truth, plan, at_once=at_once)
    silent = sum(1 for answer in answers.values() if not answer.is_judged)
    found = len(changes(answers))
    most = len(plan.samples) + found * 2 * (ceil(log2(max(patches) + 2)) + 1) + silent
    assert plays <= max(most, plan.budget + silent)


@given(step_functions(), st.data())
@settings(max_examples=50, deadline=None)
def test_what_is_known_is_not_asked(
    case: tuple[list[int], list[Answer]], data: st.DataObject
) -> None:
    """Releases with stored answers are not played again."""
    patches, truth = case
    places = data.draw(st.sets(st.integers(0, len(truth) - 1), max_size=20))
    known = {place: truth[place] for place in places}
    answers, _ = search(truth, plan_of(patches), known)
    assert set(known) <= set(answers)


@given(step_functions())
@settings(max_examples=50, deadline=None)
def test_what_is_asked_next_was_foreseen(case: tuple[list[int], list[Answer]]) -> None:
    """The next release is already provisioned if a play answers like a neighbouring release."""
    patches, truth = case
    plan = plan_of(patches)
    answers: dict[int, Answer] = {}
    plays = 0
    while questions := next_questions(plan, answers, frozenset(), plays):
        place = questions[0]
        plays += 1
        foreseen = likely_questions(plan, answers, {place}, plays)
        neighbours = {plan.read(answers)[other] for other in answers}
        answers[place] = truth[place]
        following = next_questions(plan, answers, frozenset(), plays)
        is_likely = truth[place] is NOTHING or neighbours == {truth[place]}
        if following and is_likely and plan.read(answers) == answers:
            assert following[0] in {*foreseen, *questions}


@pytest.mark.parametrize(
    ("patches", "truth", "expected", "most"),
    [
        pytest.param(UV, whole((333, GOOD)), (), 30, id="uv-always-behaves"),
        pytest.param(UV, whole((333, BAD)), (), 30, id="uv-never-behaves"),
        pytest.param(UV, whole((200, BAD), (133, GOOD)), ((199, 200),), 30, id="uv-mended-once"),
        pytest.param(
            UV,
            whole((50, GOOD), (150, BAD), (133, GOOD)),
            ((49, 50), (199, 200)),
            30,
            id="uv-came-and-went",
        ),
        pytest.param(
            UV,
            whole((60, GOOD), (20, BAD), (253, GOOD)),
            ((59, 60), (79, 80)),
            30,
            id="uv-came-and-went-within-a-minor-release",
        ),
        pytest.param(
            UV,
            whole((50, WORSE), (150, BAD), (133, GOOD)),
            ((49, 50), (199, 200)),
            30,
            id="uv-two-signatures",
        ),
        pytest.param(
            UV,
            whole((1, NOTHING), (28, GOOD), (304, BAD)),
            ((28, 29),),
            30,
            id="uv-broke-after-a-first-release-that-says-nothing",
        ),
        pytest.param(PIP, whole((60, BAD), (10, GOOD)), ((59, 60),), 45, id="pip-mended-once"),
        pytest.param(
            [*OLD_PIP, *PIP],
            whole((80, NOTHING), (60, GOOD), (9, BAD)),
            ((139, 140),),
            45,
            id="pip-with-old-releases-that-do-not-start",
        ),
    ],
)
def test_changes_are_found_within_the_budget(
    patches: list[int], truth: list[Answer], expected: tuple[tuple[int, int], ...], most: int
) -> None:
    """All changes in the real lists of releases are found with a limited number of plays."""
    answers, plays = search(truth, plan_of(patches))
    assert changes(answers) == expected
    assert plays + 2 * len(expected) <= most


def test_releases_that_say_nothing_are_halved_past() -> None:
    """The plays for a run of broken releases grow with the logarithm of its length."""
    truth = whole((74, NOTHING), (6, GOOD))
    answers, plays = search(truth, plan_of([1] * 80))
    assert sum(1 for answer in answers.values() if answer is NOTHING) <= 9
    assert plays <= 9 + 6


def test_releases_are_asked_on_while_none_was_judged() -> None:
    """A search goes on while both ends and the middle are unjudged."""
    truth = whole((10, NOTHING), (2, BAD), (28, NOTHING))
    answers, _ = search(truth, plan_of([1] * 40))
    assert any(answer == BAD for answer in answers.values())


def test_what_is_pending_beside_a_silent_release_is_waited_for() -> None:
    """Parallel plays try no more broken releases than consecutive plays."""
    truth = whole((74, NOTHING), (6, GOOD))
    plan = plan_of([1] * 80)
    answers: dict[int, Answer] = {}
    pending: list[int] = []
    while True:
        asked = next_questions(plan, answers, frozenset(pending), len(answers) + len(pending))
        pending += [place for place in asked if place not in pending]
        if not pending:
            break
        place = pending.pop(0)
        answers[place] = truth[place]
    assert sum(1 for answer in answers.values() if answer is NOTHING) <= 12


def test_a_silent_row_within_a_change_is_halved_from_both_sides() -> None:
    """A change is between the judged releases on both sides of a run of unjudged ones."""
    truth = whole((40, GOOD), (30, NOTHING), (30, BAD))
    answers, plays = search(truth, SearchPlan(100, (0, 99), budget=0))
    assert changes(answers) == ((39, 70),)
    assert plays <= 2 + 2 * 6 + 2


def test_what_affected_lists_is_asked_at_its_ends() -> None:
    """Four plays confirm a change that ``[affected]`` lists within a minor release."""
    truth = whole((10, GOOD), (3, BAD), (20, GOOD))
    plan = plan_of([33], frozenset({10, 11, 12}))
    assert set(plan.samples) == {0, 9, 10, 12, 13, 32}
    answers, plays = search(truth, SearchPlan(33, plan.samples, plan.listed, budget=0))
    assert changes(answers) == ((9, 10), (12, 13))
    assert plays == 6


def test_a_release_that_fails_in_the_scene_makes_no_change() -> None:
    """Old releases whose first command fails are unjudged, like releases that do not start."""
    early = Answer(False, Signature(1, ExitKind.FAILURE, ("exit",)))
    truth = whole((100, early), (100, BAD), (133, GOOD))
    answers, plays = search(truth, plan_of(UV))
    assert changes(answers) == ((199, 200),)
    assert plays <= 28


@given(step_functions())
@settings(max_examples=50, deadline=None)
def test_a_search_that_is_repeated_asks_nothing(case: tuple[list[int], list[Answer]]) -> None:
    """A search that begins with the answers of an earlier search needs no plays."""
    patches, truth = case
    plan = plan_of(patches)
    first, _ = search(truth, plan)
    known = {place: truth[place] for place in first}
    _, again = search(truth, plan, known)
    assert again == 0 or any(not is_of_behaviour(pair, first) for pair in changes(first))


def test_pending_releases_are_not_asked_and_waited_for() -> None:
    """Both ends of a range are played at once, and the next release only after an answer."""
    plan = plan_of(UV)
    first = next_questions(plan, {}, frozenset(), 0)
    assert first == [332, 0]
    assert next_questions(plan, {}, frozenset(first), 2) == []


def test_no_release_asks_no_question() -> None:
    """A search without a playable release has no questions."""
    assert next_questions(SearchPlan.of([], frozenset(), 1), {}, frozenset(), 0) == []


@pytest.mark.parametrize(
    ("focus", "expected"),
    [
        (0, [(99, 100)]),
        (120, [(99, 100), (159, 160)]),
        (200, [(159, 160), (279, 280)]),
        (330, [(279, 280)]),
    ],
)
def test_brief_search_finds_the_changes_next_to_a_release(
    focus: int, expected: list[tuple[int, int]]
) -> None:
    """A brief search finds the range of a release's behaviour with fewer plays than a full one."""
    truth = whole((100, GOOD), (60, BAD), (120, GOOD), (sum(UV) - 280, BAD))
    plan = SearchPlan.around(versions(UV), frozenset(), 1, focus)
    answers, plays = search(truth, plan)
    assert list(plan.wanted_changes(answers)) == expected
    _, plays_of_whole = search(truth, plan_of(UV))
    assert plays < plays_of_whole


def test_brief_search_without_a_change_plays_only_its_sample() -> None:
    """If all releases of the sample behave alike, a brief search ends."""
    plan = SearchPlan.around(versions(UV), frozenset(), 1, 3, 30)
    _, plays = search(whole((sum(UV), BAD)), plan)
    assert plays == len(plan.samples)
    assert {0, 3, 30, sum(UV) - 1} <= set(plan.samples)


def test_brief_search_plays_little_even_if_releases_behave_by_chance() -> None:
    """Only the changes next to the release are narrowed down, however many others there are."""
    truth = [(GOOD, BAD, WORSE)[(place * 7) % 3] for place in range(sum(UV))]
    plan = SearchPlan.around(versions(UV), frozenset(), 1, 200)
    answers, plays = search(truth, plan)
    assert plays <= len(plan.samples) + 2 * ceil(log2(sum(UV)))
    assert all(older + 1 == newer for older, newer in plan.wanted_changes(answers))
