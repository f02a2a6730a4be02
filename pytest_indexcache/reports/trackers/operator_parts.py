"""The parts of a report to an index's operator, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.reports.trackers.blocks import code, fenced, table
from pytest_indexcache.reports.trackers.clauses import NAMES, clauses_of
from pytest_indexcache.reports.trackers.facts import IssueFacts, name_of, release_of
from pytest_indexcache.reports.trackers.parts import players, summary, workarounds
from pytest_indexcache.run.plays.results import BEHAVES, JUDGED

MOST_EXCHANGES: Final = 4
_IMITATED: Final = (
    "The scenario imitates the index: sizes, dates and validators are examples, and the other "
    "header fields are those of its server profile or of the scenario."
)
_SHOWN: Final = ("content-type", "content-length", *NAMES)


def effect(facts: IssueFacts) -> Iterator[str]:
    """Yield a summary of the problem, and lists of installers that have or do not have it."""
    yield from summary(facts)
    plays = (facts.play, *facts.investigation.others)
    judged = [play for play in plays if play.verdict in JUDGED]
    bad = list(dict.fromkeys(release_of(play) for play in judged if play.verdict not in BEHAVES))
    good = list(dict.fromkeys(release_of(play) for play in judged if play.verdict in BEHAVES))
    yield f"Of the installers that were tried, it goes wrong with {_named(bad)}."
    if good:
        yield f"It does not go wrong with {_named(good)}."
    yield ""


def _named(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


def sent(facts: IssueFacts) -> Iterator[str]:
    """Yield the responses that are relevant to the failed checks.

    Of their header fields, only those that control caching are shown.
    """
    if "upstream" not in facts.scenario_text:  # else a running server sent the answers
        yield _IMITATED
        yield ""
    for step, exchange in _deciding_exchanges(facts):
        fields = [
            f"{name}: {value}"
            for name, value in exchange.response_headers
            if name.lower() in _SHOWN
        ]
        asked = f"{exchange.method} {exchange.url}"
        conditions = [
            f"{name}: {value}"
            for name, value in exchange.request_headers
            if name.lower() in ("if-none-match", "if-modified-since", "range", "if-range")
        ]
        yield f"In step {step}:"
        yield ""
        status = f"{exchange.status or 'no answer'}"
        yield from fenced("\n".join([asked, *conditions, "", status, *fields]), "http")
        yield ""


def clauses(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the RFC clauses about the header fields in the relevant responses."""
    rows = {}
    for _, exchange in _deciding_exchanges(facts):
        for name, value in exchange.response_headers:
            for named, clause, says in clauses_of(name.lower(), value):
                rows[named] = (code(named), clause, says)
    if rows:
        yield from table(("", "clause", "meaning"), rows.values())
    else:
        yield "The index sent no header field saying whether or how long a response may be reused."
        yield "Each cache then decides how long a response is fresh (RFC 9111 §4.2.2)."
    yield ""


def installers(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the installers that were tried, with the results."""
    yield from players(facts, (facts.play, *facts.investigation.others))
    yield ""


def remedies(facts: IssueFacts) -> Iterator[str]:
    """Yield workarounds that users can apply until the index sends other header fields."""
    yield f"For users of {code(name_of(facts.play))}, until the index sends other header fields:"
    yield ""
    yield from workarounds(facts)
    if any(
        workaround.is_override and workaround.helps
        for workaround in facts.investigation.workarounds
    ):
        yield (
            "With another Cache-Control, every step behaves as expected. If the index itself sends "
            "it, users need not change anything."
        )
        yield ""


def _deciding_exchanges(facts: IssueFacts) -> list[tuple[int, Exchange]]:
    """Return the exchanges that are relevant to the failed checks, each after its step's number.

    An exchange is relevant if one of its header fields explains a failed check, or if it is about a
    project in a failed check. At most ``MOST_EXCHANGES`` are returned.
    """
    subjects = {check.subject for check in facts.checks}
    found: dict[tuple[str, int | None], tuple[int, Exchange]] = {
        (field.exchange.url, field.exchange.status): (field.step, field.exchange)
        for field in facts.deciding
    }
    for step in facts.play.steps:
        for exchange in step.exchanges:
            is_asked = exchange.subject.kind in (Kind.PAGE, Kind.WHEEL, Kind.SDIST)
            if is_asked and exchange.subject.project in subjects:
                found.setdefault((exchange.url, exchange.status), (step.number, exchange))
    return list(found.values())[:MOST_EXCHANGES]
