"""Rules for commands that failed because of a failed request or a wrong response."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import holding_of, source_of
from pytest_indexcache.run.causes.facts.offers import named_projects, offering_indexes
from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import (
    answer_with_fault,
    change_text,
    fault_text,
    file_of,
    listed,
    times,
)
from pytest_indexcache.run.causes.outcomes.error_texts import error_of
from pytest_indexcache.scenario.tables.changes import Delete, SetUsers

_LATE: Final = re.compile(r"tim(?:ed|e)[ -]?out", re.IGNORECASE)


def request_failed(question: Question) -> Cause | None:
    """Explain the failure if the command failed because of a failed request or a wrong response."""
    history = question.history
    error = error_of(history)
    named, is_late = named_projects(history, error), _is_late(history, error)
    failed = [e for e in history.seen.exchanges if _counts(e, named, is_late=is_late)]
    unmended = [e for e in failed if not _is_mended(e, history.seen.exchanges)]
    if not unmended:
        return None
    exchange = unmended[-1]
    shown = (exchange.method, exchange.url, answer_with_fault(exchange))
    alike = [e for e in failed if (e.method, e.url, answer_with_fault(e)) == shown]
    often = f" {times(len(alike))}" if len(alike) > 1 else ""
    return Cause(
        f"{exchange.method} for {_where(exchange)} was answered{often} with "
        f"{answer_with_fault(exchange)}{_changed(history, exchange)}{_not_asked(history, exchange)}"
    )


def page_lists_nothing(question: Question) -> Cause | None:
    """Explain the failure if the installer tried no other index after one had sent an empty page.

    An index may send an empty page for a project that it does not have, or to a client that is not
    logged in.
    """
    history = question.history
    named = named_projects(history, error_of(history))
    for exchange in history.seen.exchanges:
        index, project = exchange.subject.index, exchange.subject.project
        is_page = exchange.subject.kind is Kind.PAGE and exchange.status == 200
        if not is_page or project not in named or history.files(index or "", project or ""):
            continue
        not_asked = _not_asked(history, exchange)
        if not_asked:
            return Cause(
                f"{exchange.method} for {_where(exchange)} was answered with 200 and a page that "
                f"lists no file of {project}{not_asked}"
            )
    return None


def not_modified_of_another(question: Question) -> Cause | None:
    """Explain the failed check if a 304 response contains an ETag that was not in the request."""
    for exchange in question.history.seen.exchanges:
        asked = exchange.request_headers.get("If-None-Match")
        named = exchange.response_headers.get("ETag")
        if exchange.status == 304 and asked and named and named.removeprefix("W/") not in asked:
            by_edge = " by the edge from its store" if exchange.subject.from_edge else ""
            return Cause(
                f"{exchange.method} for {_where(exchange)} was answered{by_edge} with a 304 that "
                f"names the ETag {named}, to If-None-Match: {asked}",
                decider="etag",
            )
    return None


def _changed(history: History, exchange: Exchange) -> str:
    """Return a clause about the step that made a request fail, or an empty string.

    Such a step introduced the fault, changed the users of the index, or deleted the requested
    resource.
    """
    subject = exchange.subject
    if subject.fault:
        made = history.fault_step(exchange)
        return f", as step {made} {fault_text(subject.fault)}" if made else ""
    if exchange.status in (401, 403):
        changed = [
            played.number
            for played in history.between(0)
            if isinstance(played.step, SetUsers) and played.step.index == subject.index
        ]
        if changed:
            return f", as step {changed[-1]} changed the users of index {subject.index}"
    changes = history.release_changes(subject.index, subject.project, 0)
    gone = [(number, change) for number, change in changes if isinstance(change, Delete)]
    if exchange.status != 404 or not gone:
        return ""
    number, change = gone[-1]
    return f", as step {number} {change_text(change)}"


def _is_late(history: History, error: str) -> bool:
    """Return whether the command failed because a response arrived too late."""
    return history.seen.exit is ExitKind.HANG or _LATE.search(error) is not None


def _counts(exchange: Exchange, named: Sequence[str], *, is_late: bool) -> bool:
    """Return whether an exchange may be the reason why the command failed.

    A 404 for a page counts only if the error message mentions the page's project. A slow but
    complete response counts only if the command did not wait for it.
    """
    if exchange.subject.fault:
        return exchange.subject.fault != "slow" or is_late
    is_absent = exchange.status == 404 and exchange.subject.kind is Kind.PAGE
    return exchange.is_failed and (not is_absent or exchange.subject.project in named)


def _is_mended(exchange: Exchange, exchanges: Sequence[Exchange]) -> bool:
    """Return whether a later request for the same URL succeeded."""
    later = exchanges[exchanges.index(exchange) + 1 :]
    return any(
        e.url == exchange.url and e.method == "GET" and not e.is_failed and not e.subject.fault
        for e in later
    )


def _where(exchange: Exchange) -> str:
    if exchange.subject.kind is Kind.PAGE and exchange.subject.index:
        return f"{file_of(exchange)} on index {exchange.subject.index} ({exchange.url})"
    return file_of(exchange)


def _not_asked(history: History, exchange: Exchange) -> str:
    """Return a clause about an alternative to a failed request that the installer did not try.

    The alternatives are a GET after a HEAD, another index, and the distribution in the venv.
    """
    exchanges, subject = history.seen.exchanges, exchange.subject
    if exchange.method == "HEAD":
        gets = any(e.url == exchange.url and e.method == "GET" for e in exchanges)
        return "" if gets else ", and no GET followed"
    if subject.kind is not Kind.PAGE or subject.project is None:
        return ""
    others = [
        name
        for name in offering_indexes(history, subject.project)
        if name != subject.index and not history.pages_here(name, subject.project)
    ]
    held = holding_of(history, subject.project)
    parts = (
        [f"index {listed(others)}, which has {subject.project}, was not asked"] if others else []
    )
    if held.before is not None and held.before.origin != "index":
        source = source_of(history, held.before, history.number)
        parts.insert(
            0,
            f"the {subject.project} {held.before.version} that the venv holds {source} since step "
            f"{held.since} was not taken",
        )
    return "".join(f", and {part}" for part in parts)
