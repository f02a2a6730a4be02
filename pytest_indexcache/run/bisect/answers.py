"""The answer (the brief result) of each release in a bisect, and the changes between answers.

A release is represented by its position, from 0, in the list of releases, oldest first. All
functions depend only on the answers so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from pytest_indexcache.run.bisect.signatures import Signature
from pytest_indexcache.run.plays.results import BEHAVES, PlayResult


@dataclass(frozen=True)
class Answer:
    """Whether a release behaves correctly, misbehaves, or could not be judged.

    ``reason`` explains why the release could not be judged.
    """

    behaves: bool | None
    signature: Signature | None = None
    reason: str = ""

    @classmethod
    def of(cls, result: PlayResult) -> Self:
        """Return the answer that a play gives for its release, regardless of ``[affected]``."""
        if result.verdict in BEHAVES:
            return cls(True)
        signature = Signature.of(result)
        if signature is None:
            return cls(None, reason=result.reason)
        return cls(False, signature)

    @property
    def is_judged(self) -> bool:
        """Whether the release could be judged."""
        return self.behaves is not None


BEHAVES_WELL = Answer(True)

Answers = Mapping[int, Answer]
Pair = tuple[int, int]


def about_the_subject(
    answers: Answers, listed: AbstractSet[int] = frozenset(), opening: int = 1
) -> dict[int, Answer]:
    """Return the answers, treating releases that fail before the decisive step as unjudged.

    The decisive step is the one at which most of the releases in ``[affected]`` misbehave. If none
    of these misbehaves, it is the step at which most releases fail an expectation other than a
    command's success. Otherwise, it is the last step at which any release failed.

    Only two kinds of earlier failures make a release unjudged: a command that did not succeed, and
    any failure at step ``opening``, the first step that runs an installer. Other failures at
    earlier steps are separate misbehaviour.
    """
    subject = _subject(answers, listed)
    return {place: _without_scene(answer, subject, opening) for place, answer in answers.items()}


def _without_scene(answer: Answer, subject: int, opening: int) -> Answer:
    signature = answer.signature
    if signature is None or signature.step >= subject:
        return answer
    if not signature.is_bare and signature.step != opening:
        return answer
    reason = f"it fails at step {signature.step}, before step {subject}, which this is about"
    return Answer(None, signature, reason)


def _subject(answers: Answers, listed: AbstractSet[int]) -> int:
    signatures = {place: answer.signature for place, answer in answers.items() if answer.signature}
    known = [signature.step for place, signature in signatures.items() if place in listed]
    telling = known or [
        signature.step for signature in signatures.values() if not signature.is_bare
    ]
    if not telling:
        return max((signature.step for signature in signatures.values()), default=1)
    votes = Counter(telling)
    return max(votes, key=lambda step: (votes[step], step))


def judged_places(answers: Answers) -> list[int]:
    """Return the positions of the releases that could be judged, oldest first."""
    return [place for place in sorted(answers) if answers[place].is_judged]


def changes(answers: Answers) -> tuple[Pair, ...]:
    """Return the pairs of neighbouring judged releases that behave differently, oldest first."""
    pairs = pairwise(judged_places(answers))
    return tuple(pair for pair in pairs if answers[pair[0]] != answers[pair[1]])


def is_of_behaviour(pair: Pair, answers: Answers) -> bool:
    """Return whether exactly one release of a pair behaves correctly."""
    return answers[pair[0]].behaves is not answers[pair[1]].behaves


def unasked_between(pair: Pair, answers: Answers) -> Sequence[int]:
    """Return the positions of the unplayed releases between the two releases of a pair."""
    return [place for place in range(pair[0] + 1, pair[1]) if place not in answers]
