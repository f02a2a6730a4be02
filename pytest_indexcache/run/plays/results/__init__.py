"""The results of a play as plain data: the verdict, the steps and their checks."""

from pytest_indexcache.run.plays.results.checks import Check, CheckKind
from pytest_indexcache.run.plays.results.play_results import PlayResult
from pytest_indexcache.run.plays.results.step_results import StepResult, Traffic
from pytest_indexcache.run.plays.results.verdicts import (
    BEHAVES,
    JUDGED,
    MISBEHAVES,
    Change,
    Verdict,
    verdict_in_short,
    verdict_of,
)

__all__ = [
    "BEHAVES",
    "JUDGED",
    "MISBEHAVES",
    "Change",
    "Check",
    "CheckKind",
    "PlayResult",
    "StepResult",
    "Traffic",
    "Verdict",
    "verdict_in_short",
    "verdict_of",
]
