"""Rules that explain why there were fewer requests of a kind than expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.freshness import freshness_of
from pytest_indexcache.run.causes.facts.history import History, Sent, is_whole
from pytest_indexcache.run.causes.facts.metadata import is_file, last_head
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule, together
from pytest_indexcache.run.causes.facts.wording import (
    answer_of,
    file_of,
    listed,
    options_text,
    reading_text,
    requests,
)
from pytest_indexcache.run.causes.traffic.counting import (
    answered,
    counted,
    earlier_response,
    needs_nothing,
)
from pytest_indexcache.run.causes.traffic.pages import StoredPage, page_reused, reused_pages
from pytest_indexcache.run.causes.traffic.stored_files import cleared_text, stored_file_used
from pytest_indexcache.run.plays.checks.traffic import is_of_kind
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.tables.steps import Compile, Edit, IndexStep
from pytest_indexcache.scenario.values.patterns import name_matcher

_OF_PAGES: Final = ("page", "total", "conditional", "revalidated")
"""The kinds of requests that become unnecessary when a stored page is reused."""


def search_ended(question: Question) -> Cause | None:
    """Explain the failed check if requests reached other indexes, but not the one in the check."""
    check, history = question.check, question.history
    asked = {exchange.subject.index for exchange in history.seen.exchanges}
    if check.excess is not False or check.index is None or check.index in asked:
        return None
    others = [e for e in history.seen.exchanges if e.subject.index is not None]
    refusals = [e for e in others if e.is_failed]
    for exchange in sorted(refusals, key=lambda e: e.status == 404):
        return Cause(
            f"index {exchange.subject.index} answered {file_of(exchange)} with "
            f"{answer_of(exchange)}; index {check.index} was not asked after that"
        )
    for exchange in others:
        if exchange.subject.kind is Kind.PAGE and is_whole(exchange):
            return Cause(
                f"index {exchange.subject.index} has {file_of(exchange)} and was asked for it; "
                f"index {check.index} was not asked"
            )
    return None


def no_range(question: Question) -> Cause | None:
    """Explain the failure if ranges are not supported, or a truncated download was not resumed."""
    check, history = question.check, question.history
    if check.excess is not False or check.subject != "range":
        return None
    head = last_head([exchange for exchange in history.seen.exchanges if is_file(exchange)])
    if head is not None and head.response_headers.get("Accept-Ranges") != "bytes":
        return Cause(
            f"HEAD for {file_of(head)} was answered {head.status} without Accept-Ranges: bytes, "
            "and then no range of it was asked for, but the whole file"
        )
    exchanges = history.seen.exchanges
    for place, exchange in enumerate(exchanges):
        if exchange.method == "GET" and exchange.status and not exchange.is_complete:
            sent = f"{exchange.sent} of {exchange.length} bytes"
            cut = f"{file_of(exchange)} was cut off after {sent}"
            later = [e for e in exchanges[place + 1 :] if e.url == exchange.url]
            if later and later[0].is_range:
                continue
            if later:
                return Cause(
                    f"{cut}, and the next request asked for the whole file from the start, without "
                    "a Range for the rest"
                )
            return Cause(f"{cut}, and it was not asked for again")
    return None


def not_asked_after_failure(question: Question) -> Cause | None:
    """Explain the failure if a request that counts for the check failed and was not repeated."""
    if question.check.excess is not False:
        return None
    exchanges = question.history.seen.exchanges
    for place, exchange in reversed([*enumerate(exchanges)]):
        is_last = all(later.url != exchange.url for later in exchanges[place + 1 :])
        if exchange.is_failed and is_last and exchange in counted(question):
            return Cause(
                f"{file_of(exchange)} was answered with {answer_of(exchange)} and was not asked "
                "for again"
            )
    return None


def other_index_gave_it(question: Question) -> Cause | None:
    """Explain the failed check if files came from an index other than the one in the check."""
    check, history = question.check, question.history
    if check.excess is not False or check.index is None or counted(question):
        return None
    for exchange in history.seen.exchanges:
        subject = exchange.subject
        is_other = is_of_kind(exchange, check.subject) and subject.index not in (check.index, None)
        if is_other and history.files(check.index, subject.project or ""):
            return Cause(
                f"step {history.number} got {file_of(exchange)} from index {subject.index}, and "
                f"from index {check.index} only the page of {subject.project}"
                if history.pages_here(check.index, subject.project or "")
                else f"step {history.number} got {file_of(exchange)} from index {subject.index}, "
                f"and did not ask index {check.index} for any file of {subject.project}"
            )
    return None


def offline(question: Question) -> Cause | None:
    """Explain the failed check if the step was not allowed to use the network."""
    history = question.history
    is_offline = getattr(history.step, "offline", False) and not history.seen.exchanges
    if question.check.excess is not False or not is_offline:
        return None
    return Cause(f"step {history.number} is offline, so it made no request")


def files_used(question: Question) -> Cause | None:
    """Explain the failure if the step used cached files from earlier steps without a request."""
    check, history = question.check, question.history
    if check.excess is not False or check.subject not in (Kind.WHEEL, Kind.SDIST, Kind.METADATA):
        return None
    if check.subject == Kind.WHEEL and getattr(history.step, "no_binary", False):
        return Cause(f"step {history.number} was told not to use wheels (no-binary)")
    asked = {exchange.url for exchange in counted(question)}
    asked_files = {exchange.subject.filename for exchange in history.seen.exchanges}
    came = {
        sent.exchange.url: sent
        for sent in history.earlier(is_whole)
        if is_of_kind(sent.exchange, check.subject)
        and sent.exchange.url not in asked
        and sent.exchange.subject.filename not in asked_files
        and check.index in (None, sent.exchange.subject.index)
    }
    if not came:
        return None
    first = next(iter(came.values()))
    if len(came) == 1:
        return Cause(stored_file_used(history, first), origin=first.step)
    names = listed([file_of(sent.exchange) for sent in came.values()])
    cleared = cleared_text(history, first)
    return Cause(
        f"{names} had come in earlier steps, and step {history.number} did not ask for them "
        f"again{cleared}",
        origin=first.step,
    )


def lockfile_kept(question: Question) -> Cause | None:
    """Explain the failure if the step kept an earlier lockfile and did not request any page."""
    history = question.history
    before, since = history.lockfile_before, history.lockfile_step
    if question.check.excess is not False or before is None or before != history.current.lockfile:
        return None
    # Each ``compile`` step writes its output file again, which saves no request.
    if isinstance(history.step, Compile):
        return None
    if any(exchange.subject.kind is Kind.PAGE for exchange in history.seen.exchanges):
        return None
    if getattr(history.step, "upgrade", False) and page_used(question) is not None:
        return None
    asked = "asked no index for a page" if history.seen.exchanges else "asked no index at all"
    changes = [
        f"step {played.number} ({played.step.do})"
        for played in history.between(since or 0)
        if isinstance(played.step, IndexStep | Edit)
    ]
    seen = f", so it did not see the change of {listed(changes)}" if changes else ""
    return Cause(
        f"step {history.number}{options_text(history.step)} kept the lockfile of step {since} as "
        f"it was and {asked}{seen}",
        origin=since,
    )


def kept_in_venv(question: Question) -> Cause | None:
    """Explain the failed check if the venv already met all requirements of an install step."""
    history = question.history
    if question.check.excess is not False or history.seen.exchanges or not needs_nothing(history):
        return None
    return Cause(
        f"the venv already met the requirements of step {history.number}, so no request was needed"
    )


def page_used(question: Question) -> Cause | None:
    """Explain the failed check if a page from an earlier step was reused without a request."""
    check, history = question.check, question.history
    is_about = check.kind is CheckKind.REVALIDATED or check.subject in _OF_PAGES
    if check.excess is not False or not is_about:
        return None
    pages = [page for name in _projects(question) for page in reused_pages(history, name)]
    own = [page for page in pages if check.index in (None, page.index)]
    return page_reused(history, max(own, key=_telling)) if own else None


def _telling(page: StoredPage) -> tuple[bool, bool]:
    """Return a sort key by which the most informative page comes last."""
    return bool(page.changes), page.cleared is not None


def _projects(question: Question) -> list[str]:
    """Return the projects whose pages earlier steps received, in the order of the first page."""
    pages = question.history.earlier(lambda e: e.subject.kind is Kind.PAGE and is_whole(e))
    names = [sent.exchange.subject.project for sent in pages]
    known = list(dict.fromkeys(name for name in reversed(names) if name))
    if question.check.kind is CheckKind.REVALIDATED and question.check.subject:
        return [name for name in known if name_matcher(question.check.subject)(name)]
    return known


def asked_without_condition(question: Question) -> Cause | None:
    """Explain the failed check if a resource was requested in full instead of being revalidated."""
    check, history = question.check, question.history
    is_about = check.kind is CheckKind.REVALIDATED or check.subject in _OF_PAGES[2:]
    if check.excess is not False or not is_about:
        return None
    found = []
    for exchange in {e.url: e for e in history.seen.exchanges}.values():
        before = earlier_response(question, exchange)
        if before is not None and not exchange.is_revalidated:
            found.append((file_of(exchange), _plain_request(history, exchange, before)))
    return together(found) if found else None


def _plain_request(history: History, exchange: Exchange, before: Sent) -> Cause:
    fresh = freshness_of(before.exchange, exchange.at)
    return Cause(
        f"{file_of(exchange)} that came in step {before.step} {reading_text(fresh)}; step "
        f"{history.number} {answered(exchange)}",
        origin=before.step,
        decider=fresh.decider,
    )


def nothing_asked(question: Question) -> Cause | None:
    """Return a cause that only lists the requests that were sent, if no other rule applies."""
    check, number = question.check, question.history.number
    if check.excess is not False:
        return None
    where = f" to index {check.index}" if check.index else ""
    kind = "" if check.subject in ("", "total") else f" of the kind {check.subject}"
    made = counted(question)
    names = dict.fromkeys(
        f"{e.method} for {file_of(e)}, answered with {answer_of(e)}" for e in made
    )
    shown = f" ({'; '.join([*names][:3])})" if made else _why_none(question)
    return Cause(f"step {number} made {requests(len(made))}{kind}{where}{shown}")


def _why_none(question: Question) -> str:
    """Return a clause saying that an index serves no metadata separately, or an empty string."""
    history = question.history
    if question.check.subject != Kind.METADATA:
        return ""
    for exchange in history.seen.exchanges:
        subject = exchange.subject
        file = history.file(subject.index or "", subject.filename or "")
        if file is not None and is_file(exchange) and not file.has_metadata:
            return f": index {subject.index} serves no core metadata for {file.filename} (PEP 658)"
    return ""


MISSING_REQUESTS: Final[Sequence[Rule]] = (
    search_ended,
    no_range,
    not_asked_after_failure,
    other_index_gave_it,
    offline,
    files_used,
    lockfile_kept,
    kept_in_venv,
    page_used,
    asked_without_condition,
    nothing_asked,
)
"""The rules for checks that counted too few requests, most specific first."""
