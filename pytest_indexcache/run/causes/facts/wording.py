"""Turn facts into phrases from which causes are composed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.freshness import Freshness, Reading
from pytest_indexcache.scenario.tables.changes import Delete, Fail, Publish, Replace, Yank
from pytest_indexcache.scenario.tables.steps import AnyStep

_VALIDATORS = ("etag", "last-modified")


def listed(names: Sequence[str], most: int = 3) -> str:
    """Join names as ``a, b and c``; more than ``most`` names become ``a, b, c and 4 more``."""
    if not names:
        return ""
    shown, rest = list(names[:most]), len(names) - most
    if rest > 0:
        shown.append(f"{rest} more")
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def times(count: int) -> str:
    """Format a number of occurrences: ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def requests(count: int) -> str:
    """Format a number of requests: ``no request``, ``1 request``, ``3 requests``."""
    return {0: "no request", 1: "1 request"}.get(count, f"{count} requests")


def seconds(amount: float) -> str:
    """Format a duration in seconds, such as ``600 s``."""
    return f"{amount:.0f} s"


def _left(fresh: Freshness) -> str:
    # A new response is less than a second old: the fraction would only confuse the reader.
    is_new = fresh.lifetime - fresh.left < 1
    return seconds(fresh.lifetime if is_new else fresh.left)


def verb(names: Sequence[str]) -> str:
    """Return ``was`` or ``were``, whichever agrees with the number of names."""
    return "was" if len(names) == 1 else "were"


def file_of(exchange: Exchange) -> str:
    """Return a name for the requested resource: a file, a project's page, or a URL."""
    subject = exchange.subject
    if subject.kind is Kind.PAGE:
        return page_of(subject.project, subject.index)
    return subject.filename or exchange.url


def page_of(project: str | None, index: str | None) -> str:
    """Return ``the page of foo`` or, if there is no project, ``the root page of index pypi``."""
    return f"the page of {project}" if project else f"the root page of index {index}"


def answer_of(exchange: Exchange) -> str:
    """Describe the response to a request: ``503 (fault status)``, ``a closed connection``."""
    fault = exchange.subject.fault
    if exchange.subject.refused:
        return f"refused ({exchange.subject.refused})"
    if exchange.status is None:
        return "a closed connection" if fault == "close" else "a reset of the connection"
    if not exchange.is_complete and exchange.method != "HEAD" and exchange.status < 400:
        return f"{exchange.status}, cut off after {exchange.sent} of {exchange.length} bytes"
    return f"{exchange.status} (fault {fault})" if fault else str(exchange.status)


_MADE: Final = {
    "wrong-hash": "made it send other bytes",
    "wrong-length": "made it send one byte too many",
    "not-modified": "made it answer every request with 304",
    "ignore-range": "made it answer range requests with the whole file",
    "first-range": "made it answer range requests with the first bytes",
    "long-range": "made it send more than the requested range",
    "wrong-range": "made it send a range with the Content-Range of another",
    "stale": "made it answer as before its last change",
    "slow": "made it answer late",
}
"""Phrases for the effects of those faults that do not make requests fail."""


def fault_text(how: str) -> str:
    """Describe the effect of a fault: ``made requests fail``, ``made it answer late``."""
    return _MADE.get(how, "made requests fail")


_FAULTS: Final = {
    "wrong-hash": "bytes that do not match the sha256 on its page",
    "wrong-length": "one byte more than the file has",
    "not-modified": "a 304 without a validator",
    "ignore-range": "the whole file instead of the range",
    "first-range": "the first bytes instead of the range",
    "long-range": "more than the range",
    "wrong-range": "the range with the Content-Range of another",
    "stale": "an answer from before the last change",
    "slow": "a delay",
}


def answer_with_fault(exchange: Exchange) -> str:
    """Describe a response, including the effect that a fault had on it."""
    fault = exchange.subject.fault
    if fault in _FAULTS:
        asked = ", to a conditional request" if exchange.is_conditional else ""
        return f"{_FAULTS[fault]}{asked} (fault {fault})"
    return answer_of(exchange)


def options_text(step: AnyStep) -> str:
    """List the options with which a step requests fresh data, such as ``, with refresh,``."""
    names = ("refresh", "upgrade", "reinstall", "no_cache")
    options = [name.replace("_", "-") for name in names if getattr(step, name, False)]
    return f", with {listed(options)}," if options else ""


def change_text(step: AnyStep) -> str:
    """Describe how a step changes an index, such as ``published foo 1.0.1``."""
    if isinstance(step, Publish):
        return f"published {step.project} {step.version}"
    if isinstance(step, Replace):
        return f"replaced {step.project} {step.version}"
    if isinstance(step, Yank):
        return f"yanked {step.project} {step.version}"
    if isinstance(step, Delete):
        return f"deleted {step.project}{' ' + step.version if step.version else ''}"
    if isinstance(step, Fail):
        return f"{fault_text(step.how)} ({step.how})"
    return f"is {step.do}"


def reading_text(fresh: Freshness) -> str:
    """Return a predicate that describes how fresh a response is.

    The predicate follows a subject such as "the response of step 1".
    """
    said = fresh.decider
    match fresh.reading:
        case Reading.NOT_STORED:
            return _not_stored(fresh)
        case Reading.ASK_FIRST:
            asks = "says no-cache, so it must not be used without asking the index"
            return f"{asks} ({said}{_no_validator(fresh).replace(' and no', '; no', 1)})"
        case Reading.FRESH:
            return f"may be reused for {_left(fresh)} without asking ({said})"
        case Reading.HEURISTIC:
            modified = fresh.headers.get("last-modified")
            return (
                f"has no explicit lifetime ({said}), and by its Last-Modified ({modified}) it may "
                f"be treated as fresh for {_left(fresh)}, a tenth of the time since then"
            )
        case Reading.OLD_ON_ARRIVAL:
            return f"was stale when it came, with an age beyond its lifetime ({said})"
        case Reading.ZERO:
            again = f"so it had to be asked for again ({said})"
            return f"has a lifetime of zero{_no_validator(fresh)}, {again}"
        case Reading.OUTLIVED:
            return f"was fresh for {_left(fresh)} and had become stale ({said})"
        case Reading.NO_LIFETIME:
            return f"has no lifetime (no cache-control, no expires){_no_validator(fresh)}"


def _not_stored(fresh: Freshness) -> str:
    why = fresh.why_not or ""
    own = why.removeprefix("the response ")
    if own != why:
        return f"{own}, so it must not be stored ({fresh.decider})"
    return f"must not be stored: {why} ({fresh.decider})"


def _no_validator(fresh: Freshness) -> str:
    return "" if fresh.has_validator else " and no validator (no etag, no last-modified)"
