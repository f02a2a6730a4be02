"""The judgements that rules produce, and their grades."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """The grade of a judgement: the behaviour conforms, is allowed but costly, or is wrong."""

    GOOD = "good"
    COSTS = "costs"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement on one subject; ``seen`` describes the observed behaviour of the index."""

    subject: str
    grade: Grade
    seen: str


def good(subject: str, seen: str) -> Judged:
    """Return a judgement that the index conforms to the rule."""
    return Judged(subject, Grade.GOOD, seen)


def costs(subject: str, seen: str) -> Judged:
    """Return a judgement that the behaviour is allowed but costs requests or downloads."""
    return Judged(subject, Grade.COSTS, seen)


def wrong(subject: str, seen: str) -> Judged:
    """Return a judgement that the behaviour violates the rule."""
    return Judged(subject, Grade.WRONG, seen)
