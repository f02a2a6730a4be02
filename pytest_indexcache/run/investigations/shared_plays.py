"""Run the plays of an investigation in parallel, each of them only once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol, Self

from pytest_indexcache.errors import InstallerError
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.matrix.cells import Cell, PlayTask
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import in_brief
from pytest_indexcache.run.matrix.workers import Done, WorkerPool, Workplace
from pytest_indexcache.run.plays.results import PlayResult, Verdict


class PlayWatcher(Protocol):
    """A listener that shows the progress of an investigation."""

    def plan(self, plays: int) -> None:
        """Add a number of planned plays to the total."""

    def expect(self, plays: int) -> None:
        """Receive an estimate of the number of plays that will be planned later."""

    def begin(self, name: str) -> None:
        """Show that a play begins."""


@dataclass(frozen=True)
class PlannedPlay:
    """A play that an investigation needs.

    ``name`` describes the play to the user. With ``is_verbose``, the installer prints its log, and
    the result keeps the output of each step.
    """

    name: str
    cell: Cell
    is_verbose: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, bool]:
        """A key that is equal for two plays if one result is valid for both."""
        scenario, cell = self.cell.scenario, self.cell
        return scenario.name, scenario.digest, cell.spec, cell.transport, self.is_verbose

    @property
    def task(self) -> PlayTask:
        """The task that runs this play in a worker."""
        kind = _VerboseTask if self.is_verbose else PlayTask
        return kind(self.cell.scenario, self.cell.installer.spec, self.cell.transport)


@dataclass(frozen=True)
class _VerboseTask(PlayTask):
    """A task that plays a cell with a verbose installer."""

    def __call__(self, workplace: Workplace) -> PlayResult:
        """Play the cell, and return a short result that contains the output of each step."""
        try:
            installer = create_installer(self.spec)
        except InstallerError as error:
            return self.not_played(Verdict.ERROR, str(error))
        if isinstance(installer, CommandAdapter):
            installer = copy(installer)
            installer.is_verbose = True
        whole = self.play(workplace, installer)
        output = [step.output for step in whole.steps]
        brief = in_brief(whole)
        pairs = zip(brief.steps, output, strict=True)
        return replace(brief, steps=tuple(replace(step, output=text) for step, text in pairs))


class SharedPlays:
    """The plays of an investigation, each run once by one of ``jobs`` workers.

    Results from earlier runs are taken from the store of ``records``, except for verbose plays.
    The workers are started for the first play. On exit, the context manager terminates them.
    """

    def __init__(
        self, records: Records, *, jobs: int, contained: ContainmentMode, watcher: PlayWatcher
    ) -> None:
        self.watcher = watcher
        self._records = records
        self._jobs = jobs
        self._contained = contained
        self._closing = ExitStack()
        self._pool: WorkerPool | None = None
        self._results: dict[tuple[str, str, str, str, bool], PlayResult] = {}

    def keep(self, play: PlannedPlay, result: PlayResult) -> None:
        """Add the result of a play that ran elsewhere, and store it."""
        brief = in_brief(result)
        self._records.enter(play.cell, Done(0, play.task, brief))
        self._results[play.key] = brief

    def result(self, play: PlannedPlay) -> PlayResult:
        """Return the result of a play; the play is run only if it has no result yet."""
        return self.results([play])[0]

    def results(self, plays: Sequence[PlannedPlay]) -> list[PlayResult]:
        """Return the results of the given plays, in order; plays without a result are run.

        :raises PlayError: if worker processes do not start
        :raises StoreError: if the store cannot be read
        """
        self._play(self._unknown(plays))
        return [self._results[play.key] for play in plays]

    def _unknown(self, plays: Iterable[PlannedPlay]) -> list[PlannedPlay]:
        """Return the plays without a result, after looking for results in the store."""
        left = {}
        for play in plays:
            if play.key in self._results or play.key in left:
                continue
            record = None if play.is_verbose else self._records.recall(play.cell)
            if record is None:
                left[play.key] = play
            else:
                self._results[play.key] = record.result
        return list(left.values())

    def _play(self, plays: Sequence[PlannedPlay]) -> None:
        self.watcher.plan(len(plays))
        waiting, playing = deque(plays), dict[int, PlannedPlay]()
        while waiting or playing:
            pool = self._workers()
            for worker in pool.idle:
                if waiting:
                    play = playing[worker] = waiting.popleft()
                    self.watcher.begin(play.name)
                    pool.give(worker, play.task)
            for done in pool.wait():
                self._finish(playing.pop(done.worker), done)

    def _finish(self, play: PlannedPlay, done: Done) -> None:
        record = self._records.enter(play.cell, done, keep=not play.is_verbose)
        self._results[play.key] = record.result

    def _workers(self) -> WorkerPool:
        if self._pool is None:
            self._pool = self._closing.enter_context(WorkerPool(self._jobs, self._contained))
        return self._pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._closing.close()
