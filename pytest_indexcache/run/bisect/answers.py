"""Which release to play next, so that few plays find where a behaviour begins or ends.

Releases are positions from 0, oldest first. Everything here is a function of the answers that there
are, so what may be asked next is known before the answer is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from itertools import pairwise

from pytest_indexcache.run.plays.results import BEHAVES, MISBEHAVES, Verdict


class Answer(StrEnum):
    """What a play says of a release: that it behaves, that it does not, or nothing."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


Answers = Mapping[int, Answer]


def answer_of(verdict: Verdict) -> Answer:
    """Read a verdict: whether the expectations hold, whatever ``[affected]`` says."""
    if verdict in BEHAVES:
        return Answer.GOOD
    return Answer.BAD if verdict in MISBEHAVES else Answer.UNKNOWN


def next_question(
    count: int, answers: Answers, listed: AbstractSet[int] = frozenset()
) -> int | None:
    """Return the release to play next; None if there is nothing more to ask.

    First the newest that can be judged, then the oldest: each by going inwards while answers are
    unknown. Between two that differ, the middle of those not asked yet: where that is unknown,
    its neighbour is the middle of the rest. With one boundary among ``count`` releases at most
    ``log2(count)`` rounded up answers are not unknown, besides the two ends.

    ``listed`` are the releases that ``[affected]`` names. Where both ends behave, the newest of
    these is asked, and where neither does, the newest that is not listed.
    """
    ends = (range(count - 1, -1, -1), range(count))
    for inwards in ends:
        end = _first_judged_or_unasked(inwards, answers)
        if end is not None and end not in answers:
            return end
    pairs = boundaries(answers)
    if not pairs:
        return _exception(count, answers, listed)
    for older, newer in reversed(pairs):
        between = [place for place in range(older + 1, newer) if place not in answers]
        if between:
            return between[len(between) // 2]
    return None


def likely_questions(
    count: int, answers: Answers, asked: int, listed: AbstractSet[int] = frozenset()
) -> list[int]:
    """Return what may be asked after the release that is being played, without its answer."""
    follow = [
        next_question(count, {**answers, asked: answer}, listed)
        for answer in (Answer.GOOD, Answer.BAD, Answer.UNKNOWN)
    ]
    return [place for place in dict.fromkeys(follow) if place is not None]


def boundaries(answers: Answers) -> tuple[tuple[int, int], ...]:
    """Return the neighbours among the judged releases that behave differently, oldest first."""
    judged = [place for place in sorted(answers) if answers[place] is not Answer.UNKNOWN]
    pairs = pairwise(judged)
    return tuple((older, newer) for older, newer in pairs if answers[older] != answers[newer])


def _first_judged_or_unasked(inwards: Sequence[int], answers: Answers) -> int | None:
    unknown = Answer.UNKNOWN
    return next((place for place in inwards if answers.get(place) is not unknown), None)


def _exception(count: int, answers: Answers, listed: AbstractSet[int]) -> int | None:
    """Return the release that the record says is unlike the ends, if it was not asked yet."""
    judged = set(answers.values()) - {Answer.UNKNOWN}
    if not judged or not listed:
        return None
    wanted = (
        place
        for place in range(count - 1, -1, -1)
        if (place in listed) is (Answer.GOOD in judged) and answers.get(place) != Answer.UNKNOWN
    )
    place = next(wanted, None)
    return None if place in answers else place
