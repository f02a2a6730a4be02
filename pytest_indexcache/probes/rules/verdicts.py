"""How a thing that was seen of an index is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """The verdict of a line: as the clause says, costly to installers, or against the clause."""

    GOOD = "good"
    COSTS = "costs"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement about one subject; ``seen`` says in words what the index does."""

    subject: str
    grade: Grade
    seen: str


def good(subject: str, seen: str) -> Judged:
    """Return that it is as the clause says."""
    return Judged(subject, Grade.GOOD, seen)


def costs(subject: str, seen: str) -> Judged:
    """Return that it is permitted, and that installers ask or download more for it."""
    return Judged(subject, Grade.COSTS, seen)


def wrong(subject: str, seen: str) -> Judged:
    """Return that a clause says otherwise."""
    return Judged(subject, Grade.WRONG, seen)
