"""Play several releases in parallel, provisioning each release before its play."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from pytest_indexcache.run.matrix.cells import Cell, PlayTask, ProvisionTask
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.workers import Done, WorkerPool


class Hear(Protocol):
    """A callback that receives the record of a play, or the reason why a release is unusable."""

    def __call__(self, place: int, said: PlayRecord | str, /) -> None:
        """Receive the record of the release at a position, or the reason why it is unusable."""


class Rounds:
    """Plays releases in rounds: each release at most once in a round, and ``jobs`` at a time.

    Idle workers provision the releases that will probably be played next.
    """

    def __init__(
        self, pool: WorkerPool, cells: Sequence[Cell], records: Records, jobs: int
    ) -> None:
        self._pool = pool
        self._cells = cells
        self._records = records
        self._jobs = jobs
        self._tasks: dict[int, tuple[int, bool]] = {}
        self._ready: set[int] = set()
        self._unusable: dict[int, str] = {}

    def start(self, hear: Hear, *, keep: bool) -> None:
        """Start a round that passes each result to ``hear``; with ``keep``, also store results."""
        self._hear = hear
        self._keep = keep
        self._asked: list[int] = []
        self.done: set[int] = set()

    @property
    def pending(self) -> frozenset[int]:
        """The releases that were queued in this round and whose plays have not ended."""
        return frozenset(self._asked)

    def begin(self, places: Iterable[int]) -> Iterator[int]:
        """Queue releases for this round, and yield those that were not queued before."""
        for place in places:
            if place not in self._asked and place not in self.done:
                self._asked.append(place)
                yield place

    def wait(self, ahead: Iterable[int]) -> None:
        """Wait until a task ends; meanwhile, idle workers provision the releases ``ahead``."""
        unusable = [place for place in self._asked if place in self._unusable]
        for place in unusable:
            self._answer(place, self._unusable[place])
        if unusable:
            return
        self._hand_out(ahead)
        for done in self._pool.wait():
            place, is_play = self._tasks.pop(done.worker)
            if is_play:
                self._finish(place, done)
            else:
                self._provisioned(place, done)

    def _hand_out(self, ahead: Iterable[int]) -> None:
        idle = list(self._pool.idle)
        busy = {place for place, _ in self._tasks.values()}
        waiting = [place for place in self._asked if place not in busy]
        for place in [
            *waiting,
            *(number for number in ahead if number not in busy and number not in waiting),
        ]:
            if not idle:
                return
            is_asked = place in self._asked
            if self._needs_provision(place):
                self._give(idle.pop(), place, is_play=False)
            elif is_asked and self._playing < self._jobs:
                self._give(idle.pop(), place, is_play=True)

    @property
    def _playing(self) -> int:
        return sum(1 for _, is_play in self._tasks.values() if is_play)

    def _needs_provision(self, place: int) -> bool:
        installer = self._cells[place].installer
        return not (installer.is_embedded or place in self._ready or place in self._unusable)

    def _give(self, worker: int, place: int, *, is_play: bool) -> None:
        cell = self._cells[place]
        self._tasks[worker] = place, is_play
        if is_play:
            self._pool.give(worker, PlayTask.of(cell))
        else:
            self._pool.give(worker, _provision_task(cell))

    def _provisioned(self, place: int, done: Done) -> None:
        """Record that a release was provisioned, or the reason why it could not be."""
        if done.value is None:
            self._ready.add(place)
            return
        self._records.keep_unusable(self._cells[place], done.value)
        self._unusable[place] = done.value

    def _finish(self, place: int, done: Done) -> None:
        record = self._records.enter(self._cells[place], done, keep=self._keep)
        self._answer(place, record)

    def _answer(self, place: int, said: PlayRecord | str) -> None:
        self._asked.remove(place)
        self.done.add(place)
        self._hear(place, said)


def _provision_task(cell: Cell) -> ProvisionTask:
    installer = cell.installer
    return ProvisionTask(installer.spec.name, installer.version, cell.scenario.scenario)
