"""Keeping record of plays: what a store remembers, and what comes from workers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pytest_indexcache.errors import StoreError
from pytest_indexcache.run.matrix.cells import Cell
from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.matrix.store import Store
from pytest_indexcache.run.matrix.workers import Done
from pytest_indexcache.run.plays.results import Verdict

LOST_HINT = "memory ran out, or somebody ended it: play again; the other plays are kept"


class Records:
    """What was played before, and what is played now.

    ``again`` says that nothing is remembered. A store that can no longer be written is told to
    ``warn`` once, and then left alone.
    """

    def __init__(
        self,
        circumstances: Circumstances,
        store: Store | None,
        *,
        again: bool = False,
        warn: Callable[[StoreError], None],
    ) -> None:
        self._circumstances = circumstances
        self._store = store
        self._again = again
        self._warn = warn

    def recall(self, cell: Cell) -> PlayRecord | None:
        """Return what came of a cell when it was played before, judged by today's ``[affected]``.

        None if it must be played. Only verdicts come back: skips and errors are tried again.
        """
        key = cell.key
        if self._store is None or self._again or key is None:
            return None
        record = self._store.recall(key)
        if record is None or not record.is_judged:
            return None
        return record.told_of(
            cell.scenario.name, cell.scenario.scenario.title, cell.scenario.scenario.issue
        ).judged(affected=cell.is_affected)

    def enter(self, cell: Cell, done: Done) -> PlayRecord:
        """Make the record of a cell that a worker has played, and keep it."""
        if done.lost is None:
            result = done.value
        else:
            reason = f"the process that played it {done.lost}\n  hint: {LOST_HINT}"
            result = cell.not_played(Verdict.ERROR, reason)
        played_at = datetime.now(UTC).isoformat(timespec="seconds")
        record = PlayRecord(result, cell.scenario.digest, self._circumstances, played_at)
        self._keep(cell, record)
        return record

    def _keep(self, cell: Cell, record: PlayRecord) -> None:
        key = cell.key
        if self._store is None or key is None or not record.is_judged:
            return
        try:
            self._store.keep(key, record)
        except StoreError as error:
            self._store = None
            self._warn(error)
