"""The records of plays: earlier ones from a store, and new ones from workers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from pytest_indexcache.errors import StoreError
from pytest_indexcache.run.matrix.cells import Cell
from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.matrix.store import Store
from pytest_indexcache.run.matrix.workers import Done
from pytest_indexcache.run.plays.results import Verdict

REMEMBERED: Final = timedelta(days=1)
"""How long a bisect waits before it retries a release that could not be judged.

The reason may have been a temporary failure of the network.
"""

LOST_HINT = "memory ran out, or it was killed from outside: play again; the other plays are kept"


class Records:
    """The records of plays from earlier runs and from this run.

    With ``again``, earlier plays are not used. If writing to the store fails, ``warn`` is called
    once, and the store is not used any more.
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

    def recall(self, cell: Cell, *, unjudged: bool = False) -> PlayRecord | None:
        """Return the record of a cell's earlier play, or None if the cell must be played.

        The verdict is judged again with the current ``[affected]`` table. A skip or an error is
        returned only with ``unjudged``, and only if it is at most one day old. An error without
        containment is never returned, because containment may prevent it.
        """
        key = cell.key
        if self._store is None or self._again or key is None:
            return None
        record = self._store.recall(key)
        if record is None or not (record.is_judged or (unjudged and _is_recent(record))):
            return None
        said = cell.scenario.scenario
        described = record.described_as(cell.scenario.name, said.title, said.issue, said.tags)
        return described.judged(cell.listed)

    def recall_unusable(self, cell: Cell) -> str | None:
        """Return why a cell's release could not be started, or None.

        The result is also None if the reason was recorded more than a day ago.
        """
        if self._store is None or self._again or cell.key is None:
            return None
        since = (datetime.now(UTC) - REMEMBERED).isoformat(timespec="seconds")
        return self._store.recall_unusable(cell.spec, _asked_python(cell), since)

    def keep_unusable(self, cell: Cell, reason: str) -> None:
        """Store the reason why a cell's release cannot be used with the scenario's Python."""
        if cell.key is not None:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._write(
                lambda store: store.keep_unusable(cell.spec, _asked_python(cell), reason, now)
            )

    def enter(self, cell: Cell, done: Done, *, keep: bool = True) -> PlayRecord:
        """Store and return the record of a cell that a worker has played."""
        if done.lost is None:
            result = done.value
        else:
            reason = f"the process that played it {done.lost}\n  hint: {LOST_HINT}"
            result = cell.not_played(Verdict.ERROR, reason)
        played_at = datetime.now(UTC).isoformat(timespec="seconds")
        record = PlayRecord(result, cell.scenario.digest, self._circumstances, played_at)
        key = cell.key
        if keep and key is not None and done.lost is None:
            self._write(lambda store: store.keep(key, record))
        return record

    def _write(self, write: Callable[[Store], None]) -> None:
        if self._store is None:
            return
        try:
            write(self._store)
        except StoreError as error:
            self._store = None
            self._warn(error)


def _is_recent(record: PlayRecord) -> bool:
    """Return whether a skip or an error is too recent to be tried again."""
    if record.result.verdict is Verdict.ERROR and not record.result.was_contained:
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(record.played_at)
    return age <= REMEMBERED


def _asked_python(cell: Cell) -> str:
    return cell.scenario.scenario.python or ""
