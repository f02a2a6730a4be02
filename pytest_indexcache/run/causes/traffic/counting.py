"""Find the exchanges that a check counts, and earlier responses to the same URLs."""

from __future__ import annotations

import re
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.history import History, Sent, is_whole
from pytest_indexcache.run.causes.facts.questions import Question
from pytest_indexcache.run.causes.facts.wording import answer_of
from pytest_indexcache.run.plays.checks.traffic import concerns, is_of_kind
from pytest_indexcache.run.plays.goals.satisfaction import goal_of
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.tables.counts import holds
from pytest_indexcache.scenario.tables.steps import Command, Install

_ANEW: Final = re.compile(
    r" (-\w*[UIP]\w*|--upgrade\S*|--reinstall\S*|--force-reinstall|--exact)\b"
)
"""Matches options that make a command do more than install missing projects."""


def counted(question: Question) -> list[Exchange]:
    """Return the exchanges that the check counts."""
    check = question.check
    exchanges = question.history.seen.exchanges
    if check.kind is CheckKind.REVALIDATED:
        pattern = check.subject
        return [e for e in exchanges if e.is_revalidated and (not pattern or concerns(e, pattern))]
    own = [e for e in exchanges if check.index in (None, e.subject.index)]
    return [e for e in own if is_of_kind(e, check.subject or "total")]


def explains_excess(question: Question, superfluous: int) -> bool:
    """Return whether the check would hold with ``superfluous`` fewer exchanges."""
    expected = question.check.expected
    wanted = int(expected) if expected.isdecimal() else expected
    return holds(wanted, len(counted(question)) - superfluous)


def is_satisfied(history: History) -> bool:
    """Return whether the venv already met the requirements of an install and was left unchanged."""
    step, seen = history.step, history.seen
    goal = goal_of(step, history.current.installer) if isinstance(step, Install | Command) else None
    is_plain = goal is not None and not (goal.project or goal.files or goal.paths)
    if goal is None or not is_plain or seen.added or seen.removed or not goal.requirements:
        return False
    for text in goal.requirements:
        requirement = Requirement(text)
        held = seen.before.get(canonicalize_name(requirement.name))
        if held is None or not requirement.specifier.contains(held.version, prereleases=True):
            return False
    return True


def needs_nothing(history: History) -> bool:
    """Return whether an install had nothing to do because the venv already met its requirements.

    An upgrade or a reinstallation always has something to do.
    """
    step = history.step
    is_forced = getattr(step, "upgrade", False) or getattr(step, "reinstall", False)
    if isinstance(step, Command):
        is_forced = bool(_ANEW.search(history.current.outcome.command))
    return not is_forced and is_satisfied(history)


def earlier_response(question: Question, exchange: Exchange) -> Sent | None:
    """Return the last complete response that an earlier step received from this URL, or None."""
    return next(question.history.earlier(lambda e: e.url == exchange.url and is_whole(e)), None)


def answered(exchange: Exchange) -> str:
    """Describe how a resource was requested again, and how the index responded."""
    if exchange.is_revalidated:
        return "revalidated it (304)"
    if exchange.is_conditional:
        return f"asked for it with a condition, and the answer was {answer_of(exchange)}"
    return f"asked for it again without a condition, and the answer was {answer_of(exchange)}"
