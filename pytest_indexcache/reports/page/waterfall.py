"""The rows of a play's waterfall chart: its exchanges, and files reused from the cache."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.reports.page.directives import decides, failed_checks
from pytest_indexcache.reports.words.wording import ExchangeRow
from pytest_indexcache.run.plays.results import StepResult

_FILES = (Kind.WHEEL, Kind.SDIST)


class RowKind(StrEnum):
    """The outcome of a row: a download, another response, a 304, a reused file, or a failure."""

    DOWNLOADED = "downloaded"
    ANSWERED = "answered"
    REVALIDATED = "revalidated"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(frozen=True)
class WaterfallRow:
    """A row in the chart: an exchange, or a reused file.

    ``after`` is the time in seconds since the first exchange of the step. ``decides`` contains the
    directives in the response that explain failed checks.
    """

    kind: RowKind
    after: float
    sent: int
    words: ExchangeRow
    nominal: int = 0
    decides: tuple[str, ...] = ()


def waterfall(steps: Sequence[StepResult]) -> list[list[WaterfallRow]]:
    """Return the rows for each step: its exchanges in recorded order, then the reused files."""
    failed = failed_checks(steps)
    rows, earlier = [], list[tuple[int, Exchange]]()
    for step in steps:
        start = min((exchange.at for exchange in step.exchanges), default=0.0)
        shown = [
            WaterfallRow(
                kind=_kind(exchange),
                after=exchange.at - start,
                sent=exchange.sent,
                words=ExchangeRow.of(exchange),
                nominal=exchange.subject.nominal_bytes if exchange.is_download else 0,
                decides=tuple(sorted(decides(exchange, step.number, failed))),
            )
            for exchange in step.exchanges
        ]
        rows.append([*shown, *_reused(step, earlier)])
        earlier += [(step.number, exchange) for exchange in step.exchanges if exchange.is_download]
    return rows


def _kind(exchange: Exchange) -> RowKind:
    if exchange.is_failed:
        return RowKind.FAILED
    if exchange.is_revalidated:
        return RowKind.REVALIDATED
    return RowKind.DOWNLOADED if exchange.is_download else RowKind.ANSWERED


def _reused(step: StepResult, earlier: Iterable[tuple[int, Exchange]]) -> Iterator[WaterfallRow]:
    """Yield a row for each added distribution whose file was downloaded by an earlier step."""
    asked = {
        canonicalize_name(exchange.subject.project or "")
        for exchange in step.exchanges
        if exchange.subject.kind in _FILES
    }
    for name, version in step.added.items():
        if canonicalize_name(name) in asked:
            continue
        for number, exchange in earlier:
            if _is_of(exchange, name, version):
                file = exchange.subject.filename or ""
                remark = f"no request: step {number} downloaded it"
                index = exchange.subject.index or "-"
                words = ExchangeRow("", "-", str(exchange.subject.kind), index, file, "0 B", remark)
                yield WaterfallRow(RowKind.REUSED, 0.0, 0, words)
                break


def _is_of(exchange: Exchange, name: str, version: str) -> bool:
    file = unquote(exchange.subject.filename or "")
    is_project = canonicalize_name(exchange.subject.project or "") == canonicalize_name(name)
    return is_project and bool(re.search(rf"-{re.escape(version)}(?:-|\.(?:tar|zip))", file))
