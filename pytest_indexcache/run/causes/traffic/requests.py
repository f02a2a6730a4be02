"""Rules that explain why there were more requests of a kind than expected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urljoin

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.extras import extra_asked_for
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import Sent, is_whole
from pytest_indexcache.run.causes.facts.metadata import is_file, metadata_access
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule, together
from pytest_indexcache.run.causes.facts.wording import (
    answer_of,
    file_of,
    listed,
    options_text,
    reading_text,
    times,
)
from pytest_indexcache.run.causes.traffic.counting import (
    answered,
    counted,
    earlier_response,
    explains_excess,
    is_satisfied,
)
from pytest_indexcache.run.causes.traffic.repeats import (
    Repeat,
    earlier_download,
    why_again,
    why_not_kept,
)
from pytest_indexcache.scenario.tables.steps import Install, SyncRequirements


def _repeated(question: Question) -> list[list[Exchange]]:
    """Return the counted exchanges by URL, starting with the URL that was requested most often."""
    by_url: dict[str, list[Exchange]] = {}
    for exchange in counted(question):
        by_url.setdefault(exchange.url, []).append(exchange)
    return sorted(by_url.values(), key=len, reverse=True)


# -- too many, within the step ---------------------------------------------------------------------


def retried(question: Question) -> Cause | None:
    """Explain the failed check if a URL was requested several times and every request failed."""
    if not question.check.excess:
        return None
    for exchanges in _repeated(question):
        answers = {answer_of(exchange) for exchange in exchanges}
        if len(exchanges) < 2 or not all(e.is_failed for e in exchanges):
            continue
        shown = " or ".join(sorted(answers)[:2])
        first, number = exchanges[0], question.history.number
        asked = f"{_place(question, first)} was asked for {times(len(exchanges))} in step {number}"
        if first.status in (401, 403, 404):
            named = _named_twice(question, first)
            return Cause(f"{asked}, and answered with {shown} each time{named}")
        return Cause(
            f"{asked}, and each answer was {shown}: all but the first are retries",
            origin=number,
        )
    return None


def failed_first(question: Question) -> Cause | None:
    """Explain the failed check if a request was repeated after it had failed.

    If failed requests are what the check counts, a single failure is enough.
    """
    if not question.check.excess:
        return None
    for exchanges in _repeated(question):
        failed = [exchange for exchange in exchanges if exchange.is_failed]
        if not failed or not (len(exchanges) > 1 or question.check.subject == "failed"):
            continue
        number = question.history.number
        often = f" {times(len(failed))}" if len(failed) > 1 else ""
        answer = answer_of(failed[-1])
        text = f"{_place(question, failed[0])} was answered{often} with {answer} in step {number}"
        if len(failed) < len(exchanges):
            text += f"; a later request was answered with {answer_of(exchanges[-1])}"
        return Cause(text, origin=number)
    return None


def _place(question: Question, exchange: Exchange) -> str:
    """Name the requested resource; for a page, add the index if there are several indexes."""
    subject, indexes = exchange.subject, question.history.scenario.indexes
    is_one_of_many = subject.kind is Kind.PAGE and subject.project and len(indexes) > 1
    return f"{file_of(exchange)}{f' on index {subject.index}' if is_one_of_many else ''}"


def _named_twice(question: Question, exchange: Exchange) -> str:
    """Return a clause saying that the command names an index more than once, or an empty string."""
    command = question.history.current.outcome.command
    index = question.history.scenario.indexes.get(exchange.subject.index or "")
    if index is None or command.count(index.url.rstrip("/")) < 2:
        return ""
    return f": the command names the same index, {index.url}, more than once"


def not_modified_of_no_use(question: Question) -> Cause | None:
    """Explain the failure if a 304 was followed by an unconditional request for the same URL."""
    if not question.check.excess:
        return None
    exchanges = question.history.seen.exchanges
    for place, exchange in enumerate(exchanges):
        again = [e for e in exchanges[place + 1 :] if e.url == exchange.url and is_whole(e)]
        if exchange.is_revalidated and again:
            tags = [name for name in ("ETag", "Last-Modified") if name in exchange.response_headers]
            has = f"with {' and '.join(tags)}" if tags else "without ETag and Last-Modified"
            if "ETag" in exchange.request_headers or "If-None-Match" in exchange.request_headers:
                has = has if "ETag" in tags else f"{has}, and so without the ETag of the request"
            return Cause(
                f"{file_of(exchange)} was revalidated in step {question.history.number}, and the "
                f"index answered with a 304 {has}; it was then asked for a second time, without a "
                "condition, and came whole",
                origin=question.history.number,
                decider="304",
            )
    return None


def redirected(question: Question) -> Cause | None:
    """Explain the failed check if a redirect led to another request that is counted as well."""
    if not question.check.excess:
        return None
    exchanges = counted(question)
    urls = {exchange.url for exchange in exchanges}
    for exchange in exchanges:
        location = exchange.response_headers.get("Location")
        target = urljoin(exchange.url, location) if location else None
        if target in urls and target != exchange.url and explains_excess(question, 1):
            slash = " (the slash at the end was missing)" if target == f"{exchange.url}/" else ""
            return Cause(
                f"{exchange.url} was asked for and answered with a redirect ({exchange.status}) to "
                f"{target}{slash}, which costs one more request"
            )
    return None


def came_twice(question: Question) -> Cause | None:
    """Explain the failed check if the excess is due to complete responses sent more than once."""
    if not question.check.excess:
        return None
    for exchanges in _repeated(question):
        whole = [exchange for exchange in exchanges if is_whole(exchange)]
        if len(whole) < 2 or not explains_excess(question, len(whole) - 1):
            continue
        first = whole[0]
        override = override_of(question.history.scenario, first)
        fresh = freshness_of(first, whole[-1].at, override)
        return Cause(
            f"{file_of(first)} came {times(len(whole))} in step {question.history.number}, and its "
            f"first response {reading_text(fresh)}",
            origin=question.history.number,
            decider=fresh.decider,
        )
    return None


# -- too many, beside earlier steps ----------------------------------------------------------------


def nothing_to_do(question: Question) -> Cause | None:
    """Explain the failure if requests were sent although the venv already met all requirements."""
    history = question.history
    if not question.check.excess or not isinstance(history.step, Install):
        return None
    step = history.step
    if step.upgrade or step.reinstall or step.refresh or not is_satisfied(history):
        return None
    asked = _asked(question)
    chosen = [("constraint", step.constraints), ("override", step.overrides)]
    words = [f"the {word} {listed(texts)}" for word, texts in chosen if texts]
    given = f", with {' and '.join(words)}," if words else ""
    return Cause(
        f"the venv already met the requirements of step {history.number}, and nothing was changed; "
        f"nevertheless the step{given} {asked}"
    )


def _asked(question: Question) -> str:
    """Describe the counted requests, and the earlier responses from the same URLs."""
    words = []
    for exchange in _unique(counted(question)):
        before = earlier_response(question, exchange)
        verb = "revalidated" if exchange.is_conditional else "asked for"
        said = (
            f", for which step {before.step} had received {_said(question, before)}"
            if before
            else ""
        )
        words.append(f"{verb} {file_of(exchange)}{said}")
    return " and ".join(words[:2])


def _said(question: Question, before: Sent) -> str:
    override = override_of(question.history.scenario, before.exchange)
    return freshness_of(before.exchange, before.exchange.at, override).decider


def _unique(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return list({exchange.url: exchange for exchange in exchanges}.values())


def asked_again(question: Question) -> Cause | None:
    """Explain the failure if a resource that an earlier step had received was requested again."""
    if not question.check.excess:
        return None
    exchanges = _unique(counted(question))
    exchanges.sort(key=lambda exchange: exchange.subject.kind is not Kind.PAGE)
    found: list[tuple[str, Cause]] = []
    for exchange in exchanges:
        before = earlier_response(question, exchange)
        if before is not None:
            found.append((file_of(exchange), _again(question, exchange, before)))
    return together(found) if found else None


def _again(question: Question, exchange: Exchange, before: Sent) -> Cause:
    history = question.history
    fresh = freshness_of(
        before.exchange, exchange.at, override_of(history.scenario, before.exchange)
    )
    if is_file(exchange):
        reason = why_again(Repeat(history, exchange, before))
        access = metadata_access(
            history, exchange.subject.index or "", exchange.subject.filename or ""
        )
        note = (
            f"; {access.text}, so the whole file is sent for it" if access and access.text else ""
        )
        return Cause(f"{file_of(exchange)} was asked for again: {reason}{note}", before.step)
    taken = why_not_kept(Repeat(history, exchange, before), fresh)
    if taken is not None:
        asked = f"that came in step {before.step} was asked for again"
        return Cause(f"{file_of(exchange)} {asked}: {taken}", before.step, taken)
    return Cause(
        f"{file_of(exchange)} that came in step {before.step} {reading_text(fresh)}; step "
        f"{history.number}{options_text(question.history.step)} {answered(exchange)}",
        origin=before.step,
        decider=fresh.decider,
    )


def file_again(question: Question) -> Cause | None:
    """Explain the failure if a file downloaded by an earlier step was sent again, from any URL."""
    if not question.check.excess:
        return None
    for exchange in counted(question):
        before = earlier_download(question.history, exchange) if exchange.is_download else None
        if before is not None:
            reason = why_again(Repeat(question.history, exchange, before))
            return Cause(f"{file_of(exchange)} was asked for again: {reason}", before.step, reason)
    return None


def asked_in_vain(question: Question) -> Cause | None:
    """Explain the failure if an earlier step had sent the same request, successfully or not."""
    if not question.check.excess:
        return None
    history = question.history
    for exchange in _unique(counted(question)):
        before = next(history.earlier(partial(_is_same, exchange)), None)
        if before is not None:
            return Cause(
                f"{file_of(exchange)} was answered with {answer_of(before.exchange)} in step "
                f"{before.step}, and step {history.number} asked for it again and got "
                f"{answer_of(exchange)}",
                origin=before.step,
            )
    return None


def _is_same(exchange: Exchange, other: Exchange) -> bool:
    return other.url == exchange.url and other.method == exchange.method


def asked_first(question: Question) -> Cause | None:
    """Return a cause for counted requests that no earlier step had sent."""
    exchanges = counted(question)
    if not question.check.excess or not exchanges:
        return None
    names = listed([_with_methods(each) for each in _repeated(question)])
    number = question.history.number
    verb = "was" if len(_unique(exchanges)) == 1 else "were"
    if isinstance(question.history.step, SyncRequirements):
        return Cause(
            f"{names} {verb} asked for in step {number}, although it installs exactly the releases "
            "that the requirements file lists"
        )
    projects = {exchange.subject.project or "" for exchange in exchanges}
    whys = {extra_asked_for(question.history, project) for project in projects}
    why = f": {whys.pop()}" if len(whys) == 1 and whys != {""} else ""
    return Cause(f"{names} {verb} asked for in step {number} for the first time{why}")


def _with_methods(exchanges: Sequence[Exchange]) -> str:
    """Name the requested resource, with the methods if it was requested several times."""
    name = file_of(exchanges[0])
    if len(exchanges) == 1:
        return name
    methods = [f"{e.method} with Range" if e.is_range else e.method for e in exchanges]
    counts = [f"{method} {times(methods.count(method))}" for method in dict.fromkeys(methods)]
    return f"{name} ({', '.join(counts)})"


REPEATED_REQUESTS: Final[Sequence[Rule]] = (
    not_modified_of_no_use,
    retried,
    failed_first,
    redirected,
    nothing_to_do,
    came_twice,
    asked_again,
    file_again,
    asked_in_vain,
    asked_first,
)
"""The rules for checks that counted too many requests, most specific first."""
