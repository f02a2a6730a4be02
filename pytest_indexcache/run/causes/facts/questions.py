"""A question that a rule answers, and the cause with which it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.plays.results import Check


@dataclass(frozen=True)
class Question:
    """Why a check does not hold, in the last step of a history."""

    check: Check
    history: History


@dataclass(frozen=True)
class Cause:
    """The reason why a check does not hold.

    ``mechanism`` says in one sentence what happened and why, with the step of origin and the header
    or the step that decided; ``remedy`` what would have to be different, where that is known.
    ``origin`` is the number of the step from which it came, ``decider`` the words that decided: a
    header field, an option, a step in between.
    """

    mechanism: str
    origin: int | None = None
    decider: str = ""
    remedy: str = ""

    @property
    def text(self) -> str:
        """The one or two sentences that are printed."""
        return f"{self.mechanism}. {self.remedy}" if self.remedy else self.mechanism


Rule = Callable[[Question], Cause | None]
"""Answers the questions of one kind that it knows the cause of; None for all others."""
