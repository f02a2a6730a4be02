"""What was asked of the indexes and sent by them, held against what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.plays.checks.counting import counted, weighed
from pytest_indexcache.run.plays.checks.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.values.patterns import is_pattern, matches_text, name_matcher


def check_traffic(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks of requests and responses."""
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
    """Count exchanges by project or file name; whatever no key matches is not expected.

    Of :attr:`CheckKind.BYTES` the bytes that were sent are counted.
    """
    if expected is None:
        return
    if not isinstance(expected, Mapping):
        yield _checked(kind, expected, sum(_weights(kind, exchanges).values()))
        return
    patterns = sorted(expected, key=_breadth)
    by_pattern = _by_pattern(exchanges, patterns)
    for pattern in patterns:
        yield _count(kind, expected[pattern], by_pattern.get(pattern, ()), pattern)
    for project, count in sorted(_weights(kind, by_pattern.get(None, ())).items()):
        yield _checked(kind, 0, count, subject=project)


def _by_pattern(
    exchanges: Sequence[Exchange], patterns: Sequence[str]
) -> dict[str | None, list[Exchange]]:
    """Return exchanges by the first pattern that matches them; None stands for no pattern."""
    places = {pattern: place for place, pattern in enumerate(patterns)}
    matchers = {it: name_matcher(it) for it in patterns if is_pattern(it)}
    chosen: dict[tuple[str, ...], str | None] = {}
    found: dict[str | None, list[Exchange]] = {}
    for exchange in exchanges:
        names = _names(exchange)
        if names not in chosen:
            exact = sorted((name for name in names if name in places), key=places.__getitem__)
            fitting = (it for it, matches in matchers.items() if any(map(matches, names)))
            chosen[names] = next(chain(exact, fitting), None)
        found.setdefault(chosen[names], []).append(exchange)
    return found


def _weights(kind: CheckKind, exchanges: Sequence[Exchange]) -> Counter[str]:
    """Return how much of a kind each project has of exchanges."""
    weights: Counter[str] = Counter()
    for exchange in exchanges:
        weights[_subject(exchange)] += exchange.sent if kind is CheckKind.BYTES else 1
    return weights


def _checked(kind: CheckKind, expected: int | str, amount: int, **parts: Any) -> Check:
    check = weighed if kind is CheckKind.BYTES else counted
    return check(kind, expected, amount, **parts)


def _breadth(pattern: str) -> tuple[bool, bool, int]:
    """Order patterns from the narrowest to the broadest."""
    return is_pattern(pattern), pattern == "*", -len(pattern)


def concerns(exchange: Exchange, pattern: str) -> bool:
    """Whether an exchange is about a project or a file that the pattern matches."""
    return any(map(name_matcher(pattern), _names(exchange)))


def _names(exchange: Exchange) -> tuple[str, str]:
    return exchange.subject.project or "", exchange.subject.filename or ""


def _subject(exchange: Exchange) -> str:
    return exchange.subject.project or exchange.subject.filename or exchange.url


def _count(
    kind: CheckKind, expected: int | str, matched: Sequence[Exchange], pattern: str
) -> Check:
    weights = _weights(kind, matched)
    if not is_pattern(pattern):
        return _checked(kind, expected, sum(weights.values()), subject=pattern)
    checks = {name: _checked(kind, expected, weights[name]) for name in sorted(weights)}
    wrong = {name: check for name, check in checks.items() if not check.held}
    held = not wrong and (bool(checks) or _checked(kind, expected, 0).held)
    shown = ", ".join(f"{name} {check.seen}" for name, check in (wrong or checks).items())
    excess = None if held else any(check.excess for check in wrong.values())
    return Check(kind, f"{expected} each", shown or "none", held, subject=pattern, excess=excess)


def _field(kind: str, name: str, wish: bool | str, asked: Sequence[Exchange]) -> Check:
    """Check that each request of a kind has a header field as it is wished for."""
    expected = wish if isinstance(wish, str) else "sent" if wish else "not sent"
    values = [exchange.request_headers.get(name) for exchange in asked]
    wrong = [value for value in values if not _is_as_wished(value, wish)]
    shown = [_shown(value, wish) for value in wrong or values]
    often = f" ({len(wrong)} of {len(values)} requests)" if wrong else ""
    # Without a request no field is missing, but none was sent either.
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
    """Whether bytes of a wheel or an sdist were sent, whole or in part."""
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
    """Whether a request counts under a kind of ``requests``."""
    return _KINDS[kind](exchange)


def _requests(
    check: CheckKind,
    index: str | None,
    expected: int | str | Mapping[Any, int | str] | None,
    exchanges: Sequence[Exchange],
) -> Iterator[Check]:
    """Count exchanges by kind; one number is the count of all."""
    if expected is None:
        return
    kinds = expected if isinstance(expected, Mapping) else {"total": expected}
    for kind, count in kinds.items():
        seen = sum(1 for exchange in exchanges if is_of_kind(exchange, kind))
        yield counted(check, count, seen, subject=kind, index=index)
