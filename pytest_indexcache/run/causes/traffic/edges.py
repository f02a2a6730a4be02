"""Rules about CDN edges: their outdated stored responses, and their requests to the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pytest_indexcache.messages import Exchange, Kind, Subject
from pytest_indexcache.run.causes.facts.history import History, ReleaseChange, Sent
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import answer_of, change_text, file_of, listed
from pytest_indexcache.run.causes.traffic.repeats import taken_away
from pytest_indexcache.run.plays.checks.traffic import is_of_kind
from pytest_indexcache.scenario.tables.changes import Warm


def old_answer(history: History, is_meant: Callable[[Exchange], bool]) -> Cause | None:
    """Explain the failure if a CDN edge sent a response that was older than a change on the index.

    ``is_meant`` selects the exchanges to consider.
    """
    for exchange in history.seen.exchanges:
        change = _first_change(history, Sent(history.number, exchange))
        if change is not None and is_meant(exchange):
            return Cause(
                f"the edge of index {exchange.subject.index} answered the request for "
                f"{file_of(exchange)} from its store and did not ask the index; what it had stored "
                f"is older than step {change[0]}, which {change_text(change[1])}",
                origin=change[0],
            )
    return None


def stored_old_file(history: History) -> Cause | None:
    """Explain the failed check if the step used an outdated file from the installer's cache.

    A CDN edge had sent the file in an earlier step, although it was outdated even then.
    """
    asked = {exchange.url for exchange in history.seen.exchanges if exchange.method == "GET"}
    for sent in history.earlier(lambda e: e.is_download and e.url not in asked):
        change = _first_change(history, sent)
        if change is not None and taken_away(history, sent) is None:
            exchange = sent.exchange
            return Cause(
                f"{file_of(exchange)} came in step {sent.step} from the store of the edge of index "
                f"{exchange.subject.index}, which was older than step {change[0]}, which "
                f"{change_text(change[1])}; step {history.number} did not ask for it again, and "
                "used the stored response",
                origin=sent.step,
            )
    return None


def old_page(history: History, project: str) -> Cause | None:
    """Explain the failed check if a CDN edge sent an outdated page of a project."""
    return old_answer(
        history, lambda e: e.subject.kind is Kind.PAGE and e.subject.project in (project, None)
    )


def old_file(history: History, project: str) -> Cause | None:
    """Explain the failed check if a CDN edge sent a file that had been replaced on the index."""
    kinds = (Kind.WHEEL, Kind.SDIST)
    return old_answer(history, lambda e: e.subject.kind in kinds and e.subject.project == project)


def _first_change(history: History, sent: Sent) -> tuple[int, ReleaseChange] | None:
    """Return the first change to a resource after the edge last requested it from the index.

    The edge's requests are taken from the ledger; each ``warm`` step also counts as a request. The
    result is None if there was no change, or if the edge did not answer from its store.
    """
    subject = sent.exchange.subject
    if not subject.from_edge:
        return None
    url = sent.exchange.url
    got = [
        sent_body.step
        for sent_body in history.earlier(lambda e: e.url == url and e.behind is not None)
    ]
    got += [
        played.number
        for played in history.between(0)
        if isinstance(played.step, Warm) and played.step.index == subject.index
    ]
    since = max((step for step in got if step < sent.step), default=0)
    for number, change in history.release_changes(subject.index, subject.project, since):
        if number < sent.step and _is_about(history, subject, number, change):
            return number, change
    return None


def _is_about(history: History, subject: Subject, number: int, change: ReleaseChange) -> bool:
    """Return whether a change affects a resource.

    Every change affects the project's page, but a file is only affected if it is replaced.
    """
    if subject.kind is Kind.PAGE:
        return True
    name = (subject.filename or "").removesuffix(".metadata")
    old = history.file(change.index, name, number)
    new = history.file(change.index, name, number + 1)
    return old is not None and new is not None and repr(old.spec) != repr(new.spec)


def asked_by_edge(question: Question) -> Cause | None:
    """Return a cause that lists an edge's requests to the index.

    The cause also lists the requests that the edge answered from its store.
    """
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
    # A request that the edge forwards unchanged does not have the edge's own validators.
    is_own = behind.request_headers != exchange.request_headers
    stale = ", for which it had a stale response" if is_own else ""
    return f"{file_of(exchange)}{stale} ({answer_of(behind)})"


PAST_EDGE: Final[Sequence[Rule]] = (asked_by_edge,)
"""The rule for requests that a CDN edge sends to its index."""
