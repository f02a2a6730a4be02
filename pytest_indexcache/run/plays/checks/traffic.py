"""Check the requests to the indexes, and the responses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.plays.checks.counting import counted, weighed
from pytest_indexcache.run.plays.checks.tallies import Counted, tally, weights
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.values.patterns import matches_text, name_matcher


def check_traffic(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on requests and responses."""
    downloads = [exchange for exchange in seen.exchanges if exchange.is_download]
    revalidated = [exchange for exchange in seen.exchanges if exchange.is_revalidated]
    yield from _tally(CheckKind.DOWNLOADS, expected.downloads, downloads)
    yield from _tally(CheckKind.REVALIDATED, expected.revalidated, revalidated)
    yield from _tally(CheckKind.BYTES, expected.bytes_, list(filter(is_sent_file, seen.exchanges)))
    yield from _requests(CheckKind.REQUESTS, None, expected.requests, seen.exchanges)
    behind = [exchange.behind for exchange in seen.exchanges if exchange.behind is not None]
    yield from _requests(CheckKind.PAST_EDGE, None, expected.past_edge, behind)
    for kind, wishes in expected.fields.items():
        asked = [exchange for exchange in seen.exchanges if is_of_kind(exchange, kind)]
        yield from (_field(kind, name, wish, asked) for name, wish in wishes.items())
    for index, kinds in expected.requests_to.items():
        own = [exchange for exchange in seen.exchanges if exchange.subject.index == index]
        yield from _requests(CheckKind.REQUESTS_TO, index, kinds, own)
    if expected.nominal is not None:
        total = sum(exchange.subject.nominal_bytes for exchange in downloads)
        yield weighed(CheckKind.NOMINAL, expected.nominal, total)


def _tally(
    kind: CheckKind,
    expected: int | str | Mapping[str, int | str] | None,
    exchanges: Sequence[Exchange],
) -> Iterator[Check]:
    """Yield checks on the number of exchanges.

    ``expected`` is the expected total, or maps projects and filenames to expected numbers.
    Exchanges that match no expected key are unexpected. For :attr:`CheckKind.BYTES`, the number of
    bytes sent is checked instead.
    """
    if expected is None:
        return
    things = [_thing(kind, exchange) for exchange in exchanges]
    if not isinstance(expected, Mapping):
        yield _checked(kind, expected, sum(weights(things).values()))
        return
    checker = partial(_named, kind)
    yield from (check for check, _ in tally(expected, things, checker))


def _thing(kind: CheckKind, exchange: Exchange) -> Counted:
    """Convert an exchange to an item that can be counted."""
    weight = exchange.sent if kind is CheckKind.BYTES else 1
    return Counted(*_names(exchange), _subject(exchange), weight)


def _checked(kind: CheckKind, expected: int | str, amount: int, **parts: Any) -> Check:
    check = weighed if kind is CheckKind.BYTES else counted
    return check(kind, expected, amount, **parts)


def _named(kind: CheckKind, expected: int | str, amount: int, subject: str) -> Check:
    return _checked(kind, expected, amount, subject=subject)


def concerns(exchange: Exchange, pattern: str) -> bool:
    """Return whether an exchange is about a project or file that matches a pattern."""
    return any(map(name_matcher(pattern), _names(exchange)))


def _names(exchange: Exchange) -> tuple[str, str]:
    return exchange.subject.project or "", exchange.subject.filename or ""


def _subject(exchange: Exchange) -> str:
    return exchange.subject.project or exchange.subject.filename or exchange.url


def _field(kind: str, name: str, wish: bool | str, asked: Sequence[Exchange]) -> Check:
    """Check a header field in all requests of a kind: present, absent, or with a certain value."""
    expected = wish if isinstance(wish, str) else "sent" if wish else "not sent"
    values = [exchange.request_headers.get(name) for exchange in asked]
    wrong = [value for value in values if not _is_as_wished(value, wish)]
    shown = [_shown(value, wish) for value in wrong or values]
    often = f" ({len(wrong)} of {len(values)} requests)" if wrong else ""
    # Without a request, no field is missing, but no field was sent either.
    held = not wrong and (bool(values) or wish is False)
    seen = f"{', '.join(dict.fromkeys(shown))}{often}" or "no request"
    return Check(CheckKind.FIELDS, expected, seen, held, subject=kind, field=name.lower())


def _is_as_wished(value: str | None, wish: bool | str) -> bool:
    if isinstance(wish, str):
        return value is not None and matches_text(value, wish)
    return (value is not None) is wish


def _shown(value: str | None, wish: bool | str) -> str:
    if value is None:
        return "not sent"
    return value if isinstance(wish, str) else "sent"


def is_sent_file(exchange: Exchange) -> bool:
    """Return whether a response contains a wheel or sdist, or a part of one."""
    is_file = exchange.subject.kind in (Kind.WHEEL, Kind.SDIST)
    return is_file and exchange.status in (200, 206) and exchange.sent > 0


_KINDS: dict[str, Callable[[Exchange], bool]] = {
    **{
        str(kind): lambda exchange, kind=kind: (  # type: ignore[misc]
            exchange.subject.kind == kind and exchange.subject.refused is None
        )
        for kind in Kind
    },
    "head": lambda exchange: exchange.method == "HEAD",
    "range": lambda exchange: exchange.is_range,
    "conditional": lambda exchange: exchange.is_conditional,
    "revalidated": lambda exchange: exchange.is_revalidated,
    "failed": lambda exchange: exchange.is_failed,
    "refused": lambda exchange: exchange.subject.refused is not None,
    "total": lambda exchange: True,  # noqa: ARG005
}


def is_of_kind(exchange: Exchange, kind: str) -> bool:
    """Return whether an exchange counts towards a key of the ``requests`` expectation."""
    return _KINDS[kind](exchange)


def _requests(
    check: CheckKind,
    index: str | None,
    expected: int | str | Mapping[Any, int | str] | None,
    exchanges: Sequence[Exchange],
) -> Iterator[Check]:
    """Yield checks on the number of exchanges.

    ``expected`` is the expected total, or maps kinds of requests to expected numbers.
    """
    if expected is None:
        return
    kinds = expected if isinstance(expected, Mapping) else {"total": expected}
    for kind, count in kinds.items():
        seen = sum(1 for exchange in exchanges if is_of_kind(exchange, kind))
        yield counted(check, count, seen, subject=kind, index=index)
