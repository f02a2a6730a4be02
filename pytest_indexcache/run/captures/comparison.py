"""Compare the exchanges of two plays: method, URL, status and conditional fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.results import StepResult
from pytest_indexcache.system.urls import normal_url

_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since", "Range")

Shape = tuple[str, str, int | None, tuple[str, ...]]
"""The compared parts of an exchange: method, URL, status, and names of conditional fields."""


@dataclass(frozen=True)
class ExchangeDifference:
    """An exchange that occurred in only one of the two plays, and the step in which it occurred."""

    step: int
    shape: Shape
    is_missing: bool

    @property
    def text(self) -> str:
        """The exchange in one line.

        ``-`` marks an exchange that occurred only in the real play, and ``+`` one that occurred
        only in the offline play.
        """
        method, url, status, conditions = self.shape
        said = f" ({', '.join(conditions)})" if conditions else ""
        answer = "no response" if status is None else str(status)
        return f"step {self.step}: {'-' if self.is_missing else '+'} {method} {url} {answer}{said}"


@dataclass(frozen=True)
class Comparison:
    """The comparison of a real and an offline play.

    ``exchanges`` is the number of exchanges in the real play. ``in_order`` is the number of
    exchanges that occur in the same order in both plays. If an installer sends several requests at
    once, ``in_order`` varies from play to play.
    """

    exchanges: int
    differences: tuple[ExchangeDifference, ...]
    in_order: int

    @property
    def is_same(self) -> bool:
        """Whether the exchanges of each step are the same in both plays."""
        return not self.differences

    @property
    def same(self) -> int:
        """The number of exchanges that occur in both plays."""
        return self.exchanges - sum(each.is_missing for each in self.differences)


def compared(
    real: Sequence[StepResult], offline: Sequence[StepResult], replaced: Callable[[str], str]
) -> Comparison:
    """Compare the steps of a real play with those of an offline play.

    ``replaced`` returns the captured scenario's URL for a URL of a real index.
    """
    differences: list[ExchangeDifference] = []
    exchanges = in_order = 0
    others = {step.number: step for step in offline}
    for step in real:
        before = [_shape(exchange, replaced) for exchange in step.exchanges]
        other = others.get(step.number)
        after = [_shape(exchange, str) for exchange in other.exchanges] if other is not None else []
        exchanges += len(before)
        in_order += sum(
            block.size
            for block in SequenceMatcher(None, before, after, False).get_matching_blocks()
        )
        differences += _differences(step.number, before, after)
    return Comparison(exchanges, tuple(differences), in_order)


def _differences(
    step: int, before: Iterable[Shape], after: Iterable[Shape]
) -> list[ExchangeDifference]:
    first, second = Counter(before), Counter(after)
    missing = [ExchangeDifference(step, shape, True) for shape in (first - second).elements()]
    return missing + [
        ExchangeDifference(step, shape, False) for shape in (second - first).elements()
    ]


def _shape(exchange: Exchange, replaced: Callable[[str], str]) -> Shape:
    """Return the parts of an exchange that are compared.

    The query of the URL is left out, because signatures in it change with every request.
    """
    parts = urlsplit(replaced(exchange.url))
    url = normal_url(urlunsplit(parts._replace(query="*" if parts.query else "")))
    conditions = tuple(name for name in _CONDITIONS if name in exchange.request_headers)
    return exchange.method, url, exchange.status, conditions
