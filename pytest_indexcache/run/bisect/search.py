"""Playing releases of an installer until it is known where its behaviour changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pytest_indexcache.errors import InstallerError
from pytest_indexcache.run.bisect.answers import (
    Answer,
    answer_of,
    boundaries,
    likely_questions,
    next_question,
)
from pytest_indexcache.run.bisect.candidates import CandidateRelease
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario, PlayTask, ProvisionTask
from pytest_indexcache.run.matrix.matrix import play_matrix
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.workers import Done, WorkerPool
from pytest_indexcache.run.plays.results import Verdict

_PLAYER: Final = 0
_PROVISIONERS: Final = (1, 2)


class Watcher(Protocol):
    """Whoever shows how a bisect goes on."""

    def playing(self, release: str, plays: int) -> None:
        """Hear that a release is being played, after so many plays."""

    def played(self, answer: ReleaseVerdict) -> None:
        """Hear what came of it."""


@dataclass(frozen=True)
class BoundarySearch:
    """A bisect of one scenario among releases, oldest first.

    ``transport`` is ``inprocess`` or ``wire``.
    """

    scenario: NamedScenario
    installer: str
    transport: str
    candidates: Sequence[CandidateRelease]
    records: Records
    watcher: Watcher

    def run(self, *, exhaustive: bool, jobs: int) -> BisectResult:
        """Play as few releases as can be, or each of them, ``jobs`` at a time.

        :raises PlayError: if processes to play in do not start
        :raises StoreError: if the store cannot be read
        """
        lacking, places = self._who_can_play()
        cells = [
            Cell(self.scenario, self.candidates[place].installer, self.transport)
            for place in places
        ]
        days = [self.candidates[place].day for place in places]
        questions = _Questions(cells, days, self.records, self.watcher)
        if exhaustive:
            questions.ask_all(jobs)
        else:
            questions.ask_few()
        return BisectResult(
            scenario=self.scenario.name,
            title=self.scenario.scenario.title,
            issue=self.scenario.scenario.issue,
            installer=self.installer,
            transport=self.transport,
            releases=len(self.candidates),
            lacking=tuple(lacking),
            answers=tuple(questions.told[place] for place in sorted(questions.told)),
            boundaries=tuple(questions.boundaries()),
            is_exhaustive=exhaustive,
        )

    def _who_can_play(self) -> tuple[list[ReleaseVerdict], list[int]]:
        """Ask releases what they lack, which needs no play."""
        lacking, able = [], []
        for place, candidate in enumerate(self.candidates):
            installer = candidate.installer
            try:
                reason = installer.lacks(self.scenario.scenario)
            except InstallerError:
                reason = None  # the play will tell
            if reason is None:
                able.append(place)
            else:
                verdict = ReleaseVerdict(
                    installer.version, candidate.day, Verdict.SKIPPED, None, reason=reason
                )
                lacking.append(verdict)
        return lacking, able


class _Questions:
    """What was asked so far, by the places of the releases."""

    def __init__(
        self,
        cells: Sequence[Cell],
        days: Sequence[str | None],
        records: Records,
        watcher: Watcher,
    ) -> None:
        self._cells = cells
        self._days = days
        self._records = records
        self._watcher = watcher
        self._answers: dict[int, Answer] = {}
        self._ahead: set[int] = set()
        self.told: dict[int, ReleaseVerdict] = {}

    def ask_all(self, jobs: int) -> None:
        """Play every release."""
        places = {cell.spec: place for place, cell in enumerate(self._cells)}
        play_matrix(
            self._cells,
            self._records,
            jobs=jobs,
            tell=lambda record, remembered: self._hear(
                places[record.result.installer], record, remembered=remembered
            ),
        )

    def ask_few(self) -> None:
        """Play one release after another, and provision meanwhile what may come next."""
        listed = frozenset(place for place, cell in enumerate(self._cells) if cell.is_affected)
        count = len(self._cells)
        with WorkerPool(1 + len(_PROVISIONERS)) as pool:
            while (place := next_question(count, self._answers, listed)) is not None:
                cell = self._cells[place]
                record = self._records.recall(cell)
                remembered = record is not None
                if record is None:
                    self._watcher.playing(cell.installer.version, len(self.told))
                    self._ahead.add(place)
                    pool.give(_PLAYER, PlayTask.of(cell))
                    ahead = likely_questions(count, self._answers, place, listed)
                    record = self._records.enter(cell, self._wait(pool, ahead))
                self._hear(place, record, remembered=remembered)

    def _wait(self, pool: WorkerPool, ahead: Sequence[int]) -> Done:
        """Wait for the player, while others provision."""
        left = [place for place in ahead if self._needs_provision(place)]
        while True:
            for worker in set(_PROVISIONERS) & set(pool.idle):
                if left:
                    place = left.pop(0)
                    self._ahead.add(place)
                    spec = self._cells[place].installer.spec
                    pool.give(
                        worker, ProvisionTask(spec.name, self._cells[place].installer.version)
                    )
            for done in pool.wait():
                if done.worker == _PLAYER:
                    return done

    def _needs_provision(self, place: int) -> bool:
        cell = self._cells[place]
        known = place in self._ahead or cell.installer.is_embedded
        return not known and self._records.recall(cell) is None

    def _hear(self, place: int, record: PlayRecord, *, remembered: bool) -> None:
        result = record.result
        answer = answer_of(result.verdict)
        failed = result.failed_step
        self._answers[place] = answer
        self.told[place] = ReleaseVerdict(
            release=self._cells[place].installer.version,
            uploaded=self._days[place],
            verdict=result.verdict,
            behaves=None if answer is Answer.UNKNOWN else answer is Answer.GOOD,
            step=None if failed is None else failed.number,
            reason=result.reason,
            remembered=remembered,
        )
        self._watcher.played(self.told[place])

    def boundaries(self) -> list[Boundary]:
        """Return the boundaries as they are known now."""
        return [
            Boundary(
                before=self.told[older],
                after=self.told[newer],
                between=tuple(self.told[place] for place in range(older + 1, newer)),
            )
            for older, newer in boundaries(self._answers)
        ]
