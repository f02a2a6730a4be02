"""Verdicts on plays, and how they differ from a baseline."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pytest_indexcache.scenario.values.listed import ListedBug


class Verdict(StrEnum):
    """The verdict on a play."""

    PASSED = "passed"
    REPRODUCED = "reproduced"
    FAILED = "failed"
    FIXED = "fixed"
    SKIPPED = "skipped"
    ERROR = "error"


class Change(StrEnum):
    """How the result of a play differs from its baseline."""

    SAME = "same"
    WORSE = "worse"
    BETTER = "better"
    NEW = "new"


BEHAVES: Final = (Verdict.PASSED, Verdict.FIXED)
MISBEHAVES: Final = (Verdict.FAILED, Verdict.REPRODUCED)
JUDGED: Final = BEHAVES + MISBEHAVES
"""The verdicts that show whether the expectations were met: all but ``skipped`` and ``error``."""


def verdict_of(*, held: bool, listed: ListedBug) -> Verdict:
    """Return the verdict on a play that was neither skipped nor ended by an error.

    If a release shows the bug only sometimes, one play without the bug does not prove that the
    release has been fixed.
    """
    if held:
        return Verdict.FIXED if listed is ListedBug.AFFECTED else Verdict.PASSED
    return Verdict.FAILED if listed is ListedBug.NOT else Verdict.REPRODUCED


def verdict_in_short(verdict: Verdict, step: int | None) -> str:
    """Return a verdict and the number of the failed step, if there is one: ``failed at step 3``."""
    return str(verdict) if step is None else f"{verdict} at step {step}"
