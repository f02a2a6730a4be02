"""What an edge answered from its store, and what it asked its index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.history import History, ReleaseChange
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import answer_of, change_text, file_of, listed
from pytest_indexcache.run.plays.checks.traffic import is_of_kind
from pytest_indexcache.scenario.tables.changes import Replace, Warm


def old_answer(history: History, is_meant: Callable[[Exchange], bool]) -> Cause | None:
    """Return the cause that an edge sent something older than a change to its index.

    ``is_meant`` chooses among the exchanges of the step that failed.
    """
    for exchange in history.seen.exchanges:
        if not exchange.subject.from_edge or not is_meant(exchange):
            continue
        for number, change in _later_changes(history, exchange):
            return Cause(
                f"the edge of index {exchange.subject.index} answered the request for "
                f"{file_of(exchange)} from its store and did not ask the index; what it had stored "
                f"is older than step {number}, which {change_text(change)}",
                origin=number,
            )
    return None


def old_page(history: History, project: str) -> Cause | None:
    """Return the cause that an edge sent a page of a project that is older than its index's."""
    return old_answer(
        history, lambda e: e.subject.kind is Kind.PAGE and e.subject.project in (project, None)
    )


def old_file(history: History, project: str) -> Cause | None:
    """Return the cause that an edge sent a file of a project that was replaced on its index."""
    kinds = (Kind.WHEEL, Kind.SDIST)
    return old_answer(history, lambda e: e.subject.kind in kinds and e.subject.project == project)


def _later_changes(history: History, exchange: Exchange) -> Iterator[tuple[int, ReleaseChange]]:
    """Yield what changed on the index after an edge had last got an answer of it.

    That is known by the exchanges with the index, and by the steps in which others asked.
    """
    subject = exchange.subject
    got = [
        sent.step for sent in history.earlier(lambda e: e.url == exchange.url and bool(e.behind))
    ]
    got += [
        played.number
        for played in history.between(0)
        if isinstance(played.step, Warm) and played.step.index == subject.index
    ]
    project = subject.project
    for number, change in history.release_changes(subject.index, project, max(got, default=0)):
        if subject.kind is Kind.PAGE or (
            isinstance(change, Replace) and _is_other(history, subject.filename, number, change)
        ):
            yield number, change


def _is_other(history: History, filename: str | None, number: int, change: Replace) -> bool:
    """Whether a step replaced a file, or what is said of it."""
    name = (filename or "").removesuffix(".metadata")
    old, new = history.file(change.index, name, number), history.file(change.index, name)
    return old is not None and new is not None and repr(old.spec) != repr(new.spec)


def asked_by_edge(question: Question) -> Cause | None:
    """Answer a count of what went past edges: what was asked of the index, and what was not."""
    check, history = question.check, question.history
    kind = check.subject or "total"
    passed = [e for e in history.seen.exchanges if e.behind and is_of_kind(e.behind, kind)]
    stored = [e for e in history.seen.exchanges if e.subject.from_edge and is_of_kind(e, kind)]
    asked = listed([_asked(exchange) for exchange in passed])
    kept = listed([file_of(exchange) for exchange in stored])
    parts = [f"asked the index for {asked}"] if asked else []
    parts += [f"answered the request for {kept} from its store"] if kept else []
    if not parts:
        return None
    index = (passed or stored)[0].subject.index
    parts.sort(key=lambda part: part.startswith("answered") is bool(check.excess))
    return Cause(f"in step {history.number} the edge of index {index} {' and '.join(parts)}")


def _asked(exchange: Exchange) -> str:
    behind = exchange.behind
    assert behind is not None
    # A request that the edge passes on as it is has none of the edge's own validators.
    is_own = behind.request_headers != exchange.request_headers
    stale = ", of which it had a stale answer" if is_own else ""
    return f"{file_of(exchange)}{stale} ({answer_of(behind)})"


PAST_EDGE: Final[Sequence[Rule]] = (asked_by_edge,)
"""The rule for what edges asked their indexes."""
