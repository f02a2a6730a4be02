"""The ledger, which records each step's exchanges with the indexes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from pytest_indexcache.messages import Exchange


class StepLedger:
    """Records the exchanges of each step, in the order in which they end.

    Several threads may record exchanges at the same time.
    """

    def __init__(self) -> None:
        self._steps: dict[int, list[Exchange]] = {}
        self._step = 0
        self._lock = threading.Lock()

    def begin(self, step: int) -> None:
        """Assign all later exchanges to this step."""
        with self._lock:
            self._step = step
            self._steps.setdefault(step, [])

    def record(self, exchange: Exchange, by: str = "") -> None:
        """Append an exchange; ``by`` names the simultaneous step that sent the request, if any."""
        with self._lock:
            self._steps.setdefault(self._step, []).append(replace(exchange, by=by))

    def of(self, step: int, by: str = "") -> tuple[Exchange, ...]:
        """Return the exchanges of a step, or only those of one of its simultaneous steps."""
        with self._lock:
            return tuple(
                exchange for exchange in self._steps.get(step, ()) if by in ("", exchange.by)
            )

    def before(self, step: int) -> Iterator[tuple[int, Exchange]]:
        """Yield the exchanges of all earlier steps, with their step numbers, latest first."""
        for number in sorted((n for n in self._steps if n < step), reverse=True):
            for exchange in reversed(self.of(number)):
                yield number, exchange

    def __iter__(self) -> Iterator[Exchange]:
        for number in sorted(self._steps):
            yield from self.of(number)

    def __len__(self) -> int:
        return sum(1 for _ in self)
