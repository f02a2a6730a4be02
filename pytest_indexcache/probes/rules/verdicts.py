"""The judgements that rules make, and their grades."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """The grade of a judgement: conforming, permitted but costly to installers, or a violation."""

    GOOD = "good"
    COSTS = "costs"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement about one subject; ``seen`` describes the observed behaviour of the index."""

    subject: str
    grade: Grade
    seen: str


def good(subject: str, seen: str) -> Judged:
    """Return the judgement that the index conforms to the clause."""
    return Judged(subject, Grade.GOOD, seen)


def costs(subject: str, seen: str) -> Judged:
    """Return the judgement that the behaviour is permitted, but costs requests or downloads."""
    return Judged(subject, Grade.COSTS, seen)


def wrong(subject: str, seen: str) -> Judged:
    """Return the judgement that the behaviour violates the clause."""
    return Judged(subject, Grade.WRONG, seen)
