"""The rule for indexes that are unreachable because a step took them down."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import times
from pytest_indexcache.scenario.tables.changes import ComeBack, GoDown


def index_is_down(question: Question) -> Cause | None:
    """Explain the failure if the step tried to reach an index that an earlier step took down."""
    history = question.history
    for index, number in _down(history):
        host = urlsplit(history.scenario.indexes[index].url).hostname
        tries = [e for e in history.seen.exchanges if _is_refused(e, host)]
        if tries:
            return Cause(
                f"index {index} has been down since step {number}, and step {history.number} tried "
                f"to connect to {host} {times(len(tries))}",
                origin=number,
                decider="go-down",
            )
    return None


def _down(history: History) -> Iterator[tuple[str, int]]:
    """Yield each index that is down when the failed step begins.

    Each item also contains the number of the step that took the index down.
    """
    down: dict[str, int] = {}
    for played in history.played[:-1]:
        if isinstance(played.step, GoDown):
            down[played.step.index] = played.number
        elif isinstance(played.step, ComeBack):
            down.pop(played.step.index, None)
    yield from down.items()


def _is_refused(exchange: Exchange, host: str | None) -> bool:
    return exchange.status is None and urlsplit(exchange.url).hostname == host
