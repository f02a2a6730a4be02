"""Rules for counts that are too high because simultaneous steps do not share responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.questions import Cause, Question, together
from pytest_indexcache.run.causes.facts.wording import (
    file_of,
    listed,
    reading_text,
    times,
    verb,
)
from pytest_indexcache.run.causes.traffic.counting import counted
from pytest_indexcache.run.plays.checks.traffic import concerns
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.tables.counts import holds

_OF_DOWNLOADS: Final = (CheckKind.DOWNLOADS, CheckKind.NOMINAL)
_OF_TRAFFIC: Final = (
    *_OF_DOWNLOADS,
    CheckKind.REVALIDATED,
    CheckKind.REQUESTS,
    CheckKind.REQUESTS_TO,
)
_MOST: Final = 4
"""The maximum number of steps to list."""


def asked_at_once(question: Question) -> Cause | None:
    """Explain the failed check if the count is too high only because steps ran at the same time."""
    if not (question.check.excess and question.history.current.each):
        return None
    by_url: dict[str, list[Exchange]] = {}
    for exchange in _concerned(question):
        by_url.setdefault(exchange.url, []).append(exchange)
    several = [group for group in by_url.values() if len({e.by for e in group}) > 1]
    if not several or not _would_hold(question, by_url.values()):
        return None
    return together([(file_of(group[0]), _cause(question.history, group)) for group in several])


def _cause(history: History, exchanges: Sequence[Exchange]) -> Cause:
    first = exchanges[0]
    makers = sorted({exchange.by for exchange in exchanges})
    steps = {step.name: step.step for step in history.current.each}
    uncached = [name for name in makers if getattr(steps.get(name), "no_cache", False)]
    bypass = f"; {listed(uncached)} {verb(uncached)} played with no-cache" if uncached else ""
    done = "downloaded" if all(e.is_download for e in exchanges) else "asked for"
    fresh = freshness_of(first, exchanges[-1].at, override_of(history.scenario, first))
    return Cause(
        f"{file_of(first)} was {done} {times(len(exchanges))} in step {history.number}, by "
        f"{listed(makers, _MOST)} at the same time: none of them used the response of another, and "
        f"the first response {reading_text(fresh)}{bypass}",
        origin=history.number,
        decider=fresh.decider,
    )


def beside(cause: Cause, history: History) -> Cause:
    """Return the cause with a note that other simultaneous steps downloaded a file it mentions."""
    current = history.current
    got = {
        f"{other.name} downloaded {exchange.subject.filename} at the same time"
        for other in current.beside
        for exchange in other.seen.exchanges
        if other.name != current.name
        and exchange.is_download
        and (exchange.subject.filename or "/") in cause.mechanism
    }
    return replace(cause, mechanism="; ".join((cause.mechanism, *sorted(got)[:2])))


def _would_hold(question: Question, by_url: Iterable[Sequence[Exchange]]) -> bool:
    """Return whether the check would hold if only one step had requested each URL."""
    check = question.check
    if check.kind is CheckKind.NOMINAL:
        return True
    wanted = int(check.expected) if check.expected.isdecimal() else check.expected
    fewer = (
        max(len([e for e in group if e.by == by]) for by in {e.by for e in group})
        for group in by_url
    )
    return holds(wanted, sum(fewer))


def _concerned(question: Question) -> list[Exchange]:
    """Return the exchanges that the check counts."""
    check = question.check
    if check.kind in _OF_DOWNLOADS:
        downloads = [e for e in question.history.seen.exchanges if e.is_download]
        return [e for e in downloads if not check.subject or concerns(e, check.subject)]
    return counted(question) if check.kind in _OF_TRAFFIC else []


def of_one_step(question: Question) -> Question:
    """Return the question, narrowed to the simultaneous step that sent the last counted request.

    Rules for a single step can then refer to the options and requests of that step.
    """
    history = question.history
    if not question.check.excess or not history.current.each:
        return question
    made = _concerned(question)
    if not made:
        return question
    current = history.current
    maker = replace(current.maker(made[-1]), beside=current.each)
    return replace(question, history=History([*history.played[:-1], maker]))
