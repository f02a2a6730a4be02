"""Verdicts of plays, and their changes since a baseline."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pytest_indexcache.scenario.values.listed import ListedBug


class Verdict(StrEnum):
    """The verdict of a play."""

    PASSED = "passed"
    REPRODUCED = "reproduced"
    FAILED = "failed"
    FIXED = "fixed"
    SKIPPED = "skipped"
    ERROR = "error"


class Change(StrEnum):
    """The change of a play since its baseline."""

    SAME = "same"
    WORSE = "worse"
    BETTER = "better"
    NEW = "new"


BEHAVES: Final = (Verdict.PASSED, Verdict.FIXED)
MISBEHAVES: Final = (Verdict.FAILED, Verdict.REPRODUCED)
JUDGED: Final = BEHAVES + MISBEHAVES
"""The verdicts that show whether the expectations hold: all except ``skipped`` and ``error``."""


def verdict_of(*, held: bool, listed: ListedBug) -> Verdict:
    """Return the verdict of a play that was neither skipped nor ended by an error.

    If a release shows the bug only in some plays, one play without the bug does not prove a fix.
    """
    if held:
        return Verdict.FIXED if listed is ListedBug.AFFECTED else Verdict.PASSED
    return Verdict.FAILED if listed is ListedBug.NOT else Verdict.REPRODUCED


def verdict_in_short(verdict: Verdict, step: int | None) -> str:
    """Return a verdict, with the number of the failed step, if any: ``failed at step 3``."""
    return str(verdict) if step is None else f"{verdict} at step {step}"
