"""The ledger: every exchange that reached an index, and the step in which it did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from pytest_indexcache.messages import Exchange


class StepLedger:
    """Exchanges in the order in which they ended, by step; safe to write from many threads."""

    def __init__(self) -> None:
        self._steps: dict[int, list[Exchange]] = {}
        self._step = 0
        self._lock = threading.Lock()

    def begin(self, step: int) -> None:
        """Write what comes from now on under this step."""
        with self._lock:
            self._step = step
            self._steps.setdefault(step, [])

    def record(self, exchange: Exchange, by: str = "") -> None:
        """Write an exchange down; ``by`` names the one of several steps at once that made it."""
        with self._lock:
            self._steps.setdefault(self._step, []).append(replace(exchange, by=by))

    def of(self, step: int, by: str = "") -> tuple[Exchange, ...]:
        """Return the exchanges of a step, or those that one of several steps at once made."""
        with self._lock:
            return tuple(it for it in self._steps.get(step, ()) if by in ("", it.by))

    def before(self, step: int) -> Iterator[tuple[int, Exchange]]:
        """Yield the exchanges of all earlier steps, each with its step, the latest first."""
        for number in sorted((n for n in self._steps if n < step), reverse=True):
            for exchange in reversed(self.of(number)):
                yield number, exchange

    def __iter__(self) -> Iterator[Exchange]:
        for number in sorted(self._steps):
            yield from self.of(number)

    def __len__(self) -> int:
        return sum(1 for _ in self)
