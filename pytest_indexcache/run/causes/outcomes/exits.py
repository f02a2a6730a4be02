"""Why a command did not end as is expected."""

from __future__ import annotations

from typing import Final

from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.outcomes.refusals import REFUSALS
from pytest_indexcache.run.causes.outcomes.successes import SUCCESSES


def ended_otherwise(question: Question) -> Cause | None:
    """Answer by what decided: for a failure by the refusals, for a success by what was accepted."""
    rules = SUCCESSES if question.history.seen.succeeded else REFUSALS
    return next((cause for rule in rules if (cause := rule(question))), None)


EXITS: Final = (ended_otherwise,)
