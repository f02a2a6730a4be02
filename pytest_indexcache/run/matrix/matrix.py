"""Play a matrix of scenarios and installers in several processes on this machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.matrix.cells import Cell, PlayTask
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.workers import WorkerPool

Tell = Callable[[PlayRecord, bool], None]
"""A function that receives each cell's record, and whether it comes from the store."""


def play_matrix(
    cells: Sequence[Cell],
    records: Records,
    *,
    jobs: int,
    tell: Tell,
    contained: ContainmentMode = ContainmentMode.AUTO,
) -> None:
    """Play all cells that were not played before, ``jobs`` at a time.

    Stored plays are used regardless of their containment, because verdicts do not depend on it.

    A worker that dies is replaced, and its play gets the verdict ``error``. On Ctrl-C, and if
    ``tell`` raises an exception, the workers and their installers are terminated.

    :raises PlayError: if worker processes do not start
    :raises StoreError: if the store cannot be read
    """
    left = cells_to_play(cells, records, tell)
    if left:
        with WorkerPool(min(jobs, len(left)), contained) as pool:
            _play(left, records, pool, tell)


def cells_to_play(cells: Sequence[Cell], records: Records, tell: Tell) -> list[Cell]:
    """Return the cells that were not played before; pass the records of the others to ``tell``."""
    left = []
    for cell in cells:
        record = records.recall(cell)
        if record is None:
            left.append(cell)
        else:
            tell(record, True)
    return left


def _play(cells: Sequence[Cell], records: Records, pool: WorkerPool, tell: Tell) -> None:
    queue = CellQueue(cells)
    playing: dict[int, Cell] = {}
    while True:
        for worker in pool.idle:
            cell = queue.next_for(worker)
            if cell is not None:
                playing[worker] = cell
                pool.give(worker, PlayTask.of(cell))
        if not pool.is_busy:
            return
        for done in pool.wait():
            tell(records.enter(playing.pop(done.worker), done), False)


class CellQueue:
    """The cells that have not been played; a worker plays the cells of one installer in a row.

    The first worker to play a release also provisions it, which takes longer than most plays.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        by_spec: dict[str, deque[Cell]] = {}
        for cell in cells:
            by_spec.setdefault(cell.spec, deque()).append(cell)
        self._untouched = deque(by_spec.values())
        self._touched: dict[int, deque[Cell]] = {}

    def next_for(self, worker: int) -> Cell | None:
        """Return a worker's next cell, or None if no cells are left.

        If every installer already has a worker, the worker shares the longest queue.
        """
        own = self._touched.get(worker)
        if not own:
            if self._untouched:
                own = self._untouched.popleft()
            else:
                own = max(self._touched.values(), key=len, default=deque())
            self._touched[worker] = own
        return own.popleft() if own else None
