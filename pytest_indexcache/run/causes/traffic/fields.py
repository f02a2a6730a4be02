"""Rules that explain unexpected header fields in requests, or unexpected field values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.freshness import freshness_of
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import file_of, requests
from pytest_indexcache.run.causes.traffic.counting import earlier_response
from pytest_indexcache.run.plays.checks.traffic import is_of_kind

_VALIDATORS: Final = {"if-none-match": "ETag", "if-modified-since": "Last-Modified"}
"""Maps fields of conditional requests to the response fields that they quote (RFC 9110 13.1)."""


def no_such_request(question: Question) -> Cause | None:
    """Explain the failure if the step sent no request of the kind to which the check applies."""
    history, kind = question.history, question.check.subject
    if _asked(question):
        return None
    made = requests(len(history.seen.exchanges))
    return Cause(f"step {history.number} made {made}, and none of kind {kind}")


def no_validator(question: Question) -> Cause | None:
    """Explain the failed check if a request lacks a validator that the check expects."""
    history, name = question.history, question.check.field
    missing = next((e for e in _asked(question) if name not in e.request_headers), None)
    if name not in _VALIDATORS or missing is None or question.check.expected == "not sent":
        return None
    what, validator = file_of(missing), _VALIDATORS[name]
    earlier = earlier_response(question, missing)
    if earlier is None:
        return Cause(
            f"step {history.number} asked for {what}, but no earlier step had received a complete "
            f"response whose {validator} it could have sent back"
        )
    value = earlier.exchange.response_headers.get(validator)
    came = f"{what} came in step {earlier.step}"
    if value is None:
        return Cause(
            f"{came} without {validator}, so a conditional request was not possible",
            origin=earlier.step,
        )
    fresh = freshness_of(earlier.exchange, missing.at)
    other = next((n for n in _VALIDATORS if n in missing.request_headers), None)
    how = f"only with {other}" if other else "without a condition"
    return Cause(
        f"{came} with {validator}: {value}, and step {history.number} asked for it {how}",
        origin=earlier.step,
        decider=fresh.decider,
    )


def sent_otherwise(question: Question) -> Cause | None:
    """Return a cause that quotes the first request in which the field has an unexpected value."""
    history, check = question.history, question.check
    for exchange in _asked(question):
        value = exchange.request_headers.get(check.field)
        if check.expected == "not sent" and value is not None:
            earlier = earlier_response(question, exchange)
            since = f", which came in step {earlier.step}," if earlier else ""
            said = f"step {history.number} asked for {file_of(exchange)}{since} with {check.field}"
            is_shown = check.field in _VALIDATORS
            return Cause(f"{said}: {value}" if is_shown else said)
        if check.expected != "not sent" and (value is None or value in check.seen):
            how = f"without {check.field}" if value is None else f"with {check.field}: {value}"
            return Cause(
                f"step {history.number} asked for {file_of(exchange)} by {exchange.method} {how}"
            )
    return None


def _asked(question: Question) -> list[Exchange]:
    exchanges = question.history.seen.exchanges
    return [e for e in exchanges if is_of_kind(e, question.check.subject)]


FIELDS: Final[Sequence[Rule]] = (no_such_request, no_validator, sent_otherwise)
"""The rules for checks on the header fields of requests, most specific first."""
