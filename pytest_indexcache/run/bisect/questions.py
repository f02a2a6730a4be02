"""Choose the releases to play next, so that few plays find every change of behaviour.

A sample of the releases is played first: its two ends, and then the middle of each unplayed part.
Then the range around each change is halved. The remaining plays, up to a limit, are used for the
widest gaps between played releases. The ends of a range of releases that cannot be judged are also
found by halving. Once three neighbouring played releases cannot be judged, the releases between
them are not played.

All functions depend only on the answers so far. So the next releases can be predicted, and
provisioned while other plays are still running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log2
from typing import Final, Self

from packaging.version import Version

from pytest_indexcache.run.bisect.answers import (
    Answer,
    Answers,
    Pair,
    about_the_subject,
    changes,
    is_of_behaviour,
    judged_places,
    unasked_between,
)

PLAYS_BESIDE_SAMPLE: Final = 16
"""The maximum number of plays of a bisect in addition to its sample.

It takes five plays to find a change among 32 releases, and two more to play the releases before
and after the change again.
"""

LEAST_GAP: Final = 6
"""The smallest gap that is searched, as the difference between the positions of its ends."""

LEAST_BUDGET: Final = 30
LARGEST_BUDGET: Final = 45

BRIEF_MINORS: Final = 7
"""The maximum number of minor releases in the sample of a brief search."""


@dataclass(frozen=True)
class SearchPlan:
    """The plan for searching ``count`` releases; the releases at ``samples`` are played first.

    ``listed`` contains the releases in ``[affected]``. ``opening`` is the number of the first step
    that runs an installer. Changes between correct behaviour and misbehaviour are always narrowed
    down, and other changes only within ``budget`` plays. If plays are left after that, they are
    used to look for changes between played releases that behave alike. If ``focus`` is a release,
    only the changes between correct behaviour and misbehaviour next to it are narrowed down, and
    nothing else is played after the sample.
    """

    count: int
    samples: tuple[int, ...]
    listed: frozenset[int] = frozenset()
    opening: int = 1
    budget: int = LEAST_BUDGET
    focus: int | None = None

    @classmethod
    def of(
        cls,
        versions: Sequence[str],
        listed: AbstractSet[int],
        opening: int,
        reported: int | None = None,
    ) -> Self:
        """Return the plan for these versions, which are given oldest first.

        The sample is the oldest release, the last patch of each minor release, both neighbours of
        each boundary of ``listed``, and ``reported``, the release in the bug report.
        """
        own = frozenset() if reported is None else frozenset({reported})
        samples = _sample_of(versions, listed, own)
        budget = min(max(len(samples) + PLAYS_BESIDE_SAMPLE, LEAST_BUDGET), LARGEST_BUDGET)
        return cls(len(versions), samples, frozenset(listed), opening, budget)

    @classmethod
    def around(
        cls,
        versions: Sequence[str],
        listed: AbstractSet[int],
        opening: int,
        focus: int,
        reported: int | None = None,
    ) -> Self:
        """Return the plan for a brief search, which looks for the changes next to one release.

        The sample is as in :meth:`of`, except that it also includes ``focus``, and that it includes
        the last patch of only a few minor releases.
        """
        own = frozenset({focus} if reported is None else {focus, reported})
        samples = _sample_of(versions, listed, own, most_minors=BRIEF_MINORS)
        return cls(len(versions), samples, frozenset(listed), opening, focus=focus)

    def wanted_changes(self, read: Answers) -> tuple[Pair, ...]:
        """Return the changes to narrow down and then confirm by repeated plays, oldest first."""
        found, focus = changes(read), self.focus
        if focus is None:
            return found
        found = tuple(pair for pair in found if is_of_behaviour(pair, read))
        before = [pair for pair in found if pair[0] < focus]
        after = [pair for pair in found if pair[0] >= focus]
        return (*before[-1:], *after[:1])

    def read(self, answers: Answers) -> dict[int, Answer]:
        """Return the answers, treating releases that fail too early to show the bug as unjudged."""
        return about_the_subject(answers, self.listed, self.opening)


def _sample_of(
    versions: Sequence[str],
    listed: AbstractSet[int],
    own: AbstractSet[int],
    most_minors: int | None = None,
) -> tuple[int, ...]:
    """Return the positions of the sample, in ascending order.

    The sample consists of the oldest release, the releases in ``own``, both neighbours of each
    boundary of ``listed``, and the last patch of each minor release. If there are more than
    ``most_minors`` minor releases, only some of them are included, evenly spaced.
    """
    if not versions:
        return ()
    last = {Version(version).release[:2]: place for place, version in enumerate(versions)}
    minors = sorted(last.values())
    step = 1 if most_minors is None else max(ceil(len(minors) / most_minors), 1)
    edges = {
        place
        for older, newer in pairwise(range(len(versions)))
        if (older in listed) != (newer in listed)
        for place in (older, newer)
    }
    return tuple(sorted({0, *minors[::-step], *edges, *own}))


def next_questions(
    plan: SearchPlan, answers: Answers, pending: AbstractSet[int], plays: int
) -> list[int]:
    """Return the releases to play now, most informative first; empty if no play is needed now.

    ``answers`` contains the answers of finished plays. ``plays`` counts all plays, including
    pending plays.
    """
    read = plan.read(answers)
    first = list(_sample_questions(plan, read, pending))
    closing = list(_closing_questions(plan, read, pending, plays))
    if first or closing or pending or plan.focus is not None:
        return list(dict.fromkeys([*first, *closing]))
    return list(_gap_questions(plan, read))


def likely_questions(
    plan: SearchPlan, answers: Answers, pending: Iterable[int], plays: int
) -> list[int]:
    """Return the releases to play next for each possible answer of a pending play."""
    waiting = sorted(pending)
    foreseen: list[int] = []
    for place in waiting:
        others = frozenset(waiting) - {place}
        for answer in _possible_answers(place, plan.read(answers)):
            foreseen += next_questions(plan, {**answers, place: answer}, others, plays)
    return list(dict.fromkeys(foreseen))


def _possible_answers(place: int, read: Answers) -> Iterator[Answer]:
    """Yield the possible answers of a pending play.

    The play may have the same answer as the nearest judged release on either side, or it may turn
    out that the release cannot be judged.
    """
    judged = judged_places(read)
    yield from (read[other] for other in [other for other in judged if other < place][-1:])
    yield from (read[other] for other in [other for other in judged if other > place][:1])
    yield Answer(None)


def _sample_questions(plan: SearchPlan, read: Answers, pending: AbstractSet[int]) -> Iterator[int]:
    """Yield the ends of the sample or, once both are played, the middle of each unplayed part."""
    samples = plan.samples
    ends = [place for place in dict.fromkeys((*samples[-1:], *samples[:1])) if place not in read]
    if ends:
        yield from (place for place in ends if place not in pending)
        return
    asked = [place for place in samples if place in read or place in pending]
    for older, newer in _stretches(asked, read):
        if not _is_worth_asking(older, newer, read, pending):
            continue
        between = [place for place in samples if older < place < newer and place not in read]
        if between and not pending & set(between):
            yield between[len(between) // 2]


def _is_worth_asking(older: int, newer: int, read: Answers, pending: AbstractSet[int]) -> bool:
    """Return whether to play a release between two others, whose own plays may still be pending.

    If neither of the two is judged, pending plays are awaited first, because they may show that no
    release in this range can be judged.
    """
    is_judged = any(place in read and read[place].is_judged for place in (older, newer))
    return is_judged or not {older, newer} & pending


def _closing_questions(
    plan: SearchPlan, read: Answers, pending: AbstractSet[int], plays: int
) -> Iterator[int]:
    """Yield a release to play between the two releases of each change that is narrowed down.

    Changes between correct behaviour and misbehaviour come first, and are always narrowed down.
    Other changes are narrowed down within the budget.
    """
    found = [pair for pair in plan.wanted_changes(read) if not _is_pending(pair, pending)]
    ordered = sorted(found, key=lambda pair: not is_of_behaviour(pair, read))
    for pair in ordered:
        affordable = plays + _replays(read) + ceil(log2(pair[1] - pair[0])) <= plan.budget
        if is_of_behaviour(pair, read) or affordable:
            yield from _narrowing(pair, read)


def _narrowing(pair: Pair, read: Answers) -> Iterator[int]:
    """Yield the middle of the longest unplayed stretch between two releases, if there is one."""
    asked = [place for place in sorted(read) if pair[0] <= place <= pair[1]]
    stretches = [unasked_between(stretch, read) for stretch in _stretches(asked, read)]
    longest = max(stretches, key=len, default=())
    if longest:
        yield longest[len(longest) // 2]


def _stretches(asked: Sequence[int], read: Answers) -> Iterator[Pair]:
    """Yield pairs of neighbouring played releases, except within runs of unjudged releases.

    A run consists of three or more releases.
    """
    silent = [place in read and not read[place].is_judged for place in asked]
    is_any_judged = any(answer.is_judged for answer in read.values())
    for number, pair in enumerate(pairwise(asked)):
        around = silent[max(number - 1, 0) : number + 3]
        passed_over = silent[number] and silent[number + 1] and sum(around) > 2
        if not (passed_over and is_any_judged):
            yield pair


def _gap_questions(plan: SearchPlan, read: Answers) -> Iterator[int]:
    """Yield the middle of the widest gap that can be searched within the budget.

    Gaps next to a release that cannot be judged come first: such a release does not show whether
    the behaviour changed. Among equally wide gaps, the newest comes first. Answers from earlier
    searches count as plays, so that a repeated search ends where the first search ended.
    """
    room = plan.budget - len(read) - _replays(read)
    gaps = [
        (is_half_known, newer - older, newer)
        for older, newer in pairwise(sorted(read))
        if newer - older >= LEAST_GAP and _hides_changes(read[older], read[newer])
        for is_half_known in (read[older].is_judged != read[newer].is_judged,)
        if _cost_of_a_find(newer - older, sides=1 if is_half_known else 2) <= room
    ]
    if gaps:
        _, width, newer = max(gaps)
        yield newer - width // 2


def _hides_changes(older: Answer, newer: Answer) -> bool:
    """Return whether there may be undetected changes between two neighbouring played releases."""
    if older.is_judged and newer.is_judged:
        return older == newer
    return older.is_judged or newer.is_judged


def _replays(read: Answers) -> int:
    """Return the number of plays needed to repeat both releases of each change."""
    return len({place for pair in changes(read) for place in pair})


def _cost_of_a_find(width: int, *, sides: int) -> int:
    """Return the number of plays needed to narrow down and confirm the changes in a gap.

    ``width`` is the width of the gap. A change is expected in ``sides`` (1 or 2) of its halves.
    """
    return 1 + sides * (int(log2(width // 2)) + 2)


def _is_pending(pair: Pair, pending: AbstractSet[int]) -> bool:
    return any(pair[0] < place < pair[1] for place in pending)
