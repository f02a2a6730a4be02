"""Play an installer's releases until all changes of behaviour between them are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from packaging.version import Version

from pytest_indexcache.errors import InstallerError
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.bisect.answers import Answer, changes
from pytest_indexcache.run.bisect.candidates import CandidateRelease
from pytest_indexcache.run.bisect.questions import SearchPlan, likely_questions, next_questions
from pytest_indexcache.run.bisect.report_days import newest_then, opened_about
from pytest_indexcache.run.bisect.repositories import compare_url
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict
from pytest_indexcache.run.bisect.rounds import Rounds
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.workers import WorkerPool
from pytest_indexcache.run.plays.results import StepResult, Verdict
from pytest_indexcache.scenario.model import step_number
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.scenario.values.listed import ListedBug, listed_as

_PROVISIONERS: Final = 2
"""The number of workers that provision releases while other workers play."""


class Watcher(Protocol):
    """A listener that shows the progress of a bisect."""

    def playing(self, release: str, plays: int) -> None:
        """Show that a release is being played; ``plays`` is the number of earlier plays."""

    def played(self, answer: ReleaseVerdict, *, again: bool = False) -> None:
        """Show the verdict of a play; ``again`` is true if the release was played before."""


@dataclass(frozen=True)
class ChangeSearch:
    """A bisect of one scenario over releases, which are given oldest first.

    ``transport`` is ``inprocess`` or ``wire``. If ``around`` names a release, the search is
    brief: it looks for changes next to this release, and plays few others.
    """

    scenario: NamedScenario
    installer: str
    transport: str
    candidates: Sequence[CandidateRelease]
    records: Records
    watcher: Watcher
    around: str | None = None

    def run(
        self,
        *,
        exhaustive: bool,
        jobs: int,
        repeat: int = 1,
        contained: ContainmentMode = ContainmentMode.AUTO,
    ) -> BisectResult:
        """Play some or all releases, ``jobs`` at a time, and find all changes of behaviour.

        Both releases of each change are played ``repeat`` more times.

        :raises PlayError: if worker processes do not start
        :raises StoreError: if the store cannot be read
        """
        lacking, able = self._who_can_play()
        asked = _Asked(self, able)
        with WorkerPool(jobs + _PROVISIONERS, contained) as pool:
            rounds = Rounds(pool, asked.cells, self.records, jobs)
            asked.ask(rounds, exhaustive=exhaustive)
            asked.ask_again(rounds, repeat)
        where = circumstances()
        return BisectResult(
            scenario=self.scenario.name,
            title=self.scenario.scenario.title,
            issue=self.scenario.scenario.issue,
            installer=self.installer,
            transport=self.transport,
            releases=tuple(candidate.installer.version for candidate in self.candidates),
            lacking=tuple(lacking),
            answers=tuple(asked.verdicts().values()),
            boundaries=tuple(asked.boundaries()),
            is_exhaustive=exhaustive,
            platform=where.platform,
            python=self.scenario.scenario.python or where.python,
            harness=where.harness,
        )

    def _who_can_play(self) -> tuple[list[ReleaseVerdict], list[CandidateRelease]]:
        """Return verdicts for releases that cannot play the scenario, and the releases that can.

        The verdict is ``skipped``, because the release lacks a capability that the scenario needs.
        """
        lacking, able = [], []
        for candidate in self.candidates:
            installer = candidate.installer
            try:
                reason = installer.lacks(self.scenario.scenario)
            except InstallerError:
                reason = None  # the play will report the error
            if reason is None:
                able.append(candidate)
            else:
                lacking.append(
                    ReleaseVerdict(
                        installer.version, candidate.day, Verdict.SKIPPED, None, reason=reason
                    )
                )
        return lacking, able


@dataclass
class _Asked:
    """The releases that can be played, and the results so far.

    A release is represented by its position in ``able``.
    """

    search: ChangeSearch
    able: Sequence[CandidateRelease]
    answers: dict[int, Answer] = field(default_factory=dict)
    own_verdicts: dict[int, ReleaseVerdict] = field(default_factory=dict)
    again: dict[int, list[ReleaseVerdict]] = field(default_factory=dict)
    plays: int = 0

    def __post_init__(self) -> None:
        scenario = self.search.scenario
        self.cells = [
            Cell(scenario, candidate.installer, self.search.transport) for candidate in self.able
        ]
        versions = [candidate.installer.version for candidate in self.able]
        name = self.search.installer
        tables = (scenario.scenario.affected.get(name), scenario.scenario.sometimes.get(name))
        listed = frozenset(
            place
            for place, version in enumerate(versions)
            if listed_as(*tables, version) is not ListedBug.NOT
        )
        steps = scenario.scenario.every_step
        begun = (step_number(place) for place, step in steps if isinstance(step, InstallerStep))
        opening = next(begun, 1)
        opened = opened_about(scenario.scenario.issue, self.search.installer)
        reported = newest_then(
            opened, [release.uploaded.date() if release.uploaded else None for release in self.able]
        )
        around = self.search.around
        if around is None:
            self.plan = SearchPlan.of(versions, listed, opening, reported)
        else:
            focus = max(sum(Version(version) <= Version(around) for version in versions) - 1, 0)
            self.plan = SearchPlan.around(versions, listed, opening, focus, reported)

    def ask(self, rounds: Rounds, *, exhaustive: bool) -> None:
        """Play releases until no more plays are needed."""
        self._remember()
        rounds.start(self._hear, keep=True)
        while True:
            pending = rounds.pending
            plays = self.plays + len(pending)
            if exhaustive:
                questions = [place for place in range(len(self.cells)) if place not in self.answers]
            else:
                questions = next_questions(self.plan, self.answers, pending, plays)
            self._begin(rounds, questions)
            if not rounds.pending:
                return
            likely = likely_questions(self.plan, self.answers, rounds.pending, plays)
            rounds.wait(() if exhaustive else likely)

    def ask_again(self, rounds: Rounds, repeat: int) -> None:
        """Play the releases beside each change ``repeat`` more times, in new workspaces."""
        wanted = self.plan.wanted_changes(self.plan.read(self.answers))
        places = sorted({place for pair in wanted for place in pair})
        for _ in range(repeat):
            rounds.start(self._hear_again, keep=False)
            self._begin(rounds, places)
            while rounds.pending:
                rounds.wait(())

    def _begin(self, rounds: Rounds, places: Sequence[int]) -> None:
        for place in rounds.begin(places):
            self.search.watcher.playing(self.cells[place].installer.version, self.plays)

    def _remember(self) -> None:
        """Load the known plays of these releases from the store."""
        for place, cell in enumerate(self.cells):
            record = self.search.records.recall(cell, unjudged=True)
            if record is not None:
                self._hear(place, record, remembered=True)
            elif (reason := self.search.records.recall_unusable(cell)) is not None:
                self._hear(place, reason, remembered=True)

    def _hear(self, place: int, said: PlayRecord | str, *, remembered: bool = False) -> None:
        """Record the play of a release, or the reason why the release is unusable."""
        verdict, answer = self._verdict(place, said, remembered=remembered)
        self.answers[place], self.own_verdicts[place] = answer, verdict
        self.plays += verdict.was_played and not remembered
        self.search.watcher.played(verdict)

    def _hear_again(self, place: int, said: PlayRecord | str) -> None:
        verdict, _ = self._verdict(place, said)
        self.again.setdefault(place, []).append(verdict)
        self.plays += 1
        self.search.watcher.played(verdict, again=True)

    def _verdict(
        self, place: int, said: PlayRecord | str, *, remembered: bool = False
    ) -> tuple[ReleaseVerdict, Answer]:
        candidate = self.able[place]
        release, day = candidate.installer.version, candidate.day
        if isinstance(said, str):
            verdict = ReleaseVerdict(
                release,
                day,
                Verdict.SKIPPED,
                None,
                reason=said,
                remembered=remembered,
                was_played=False,
            )
            return verdict, Answer(None, reason=said)
        result, answer = said.result, Answer.of(said.result)
        step = result.failed_step
        verdict = ReleaseVerdict(
            release=release,
            uploaded=day,
            verdict=result.verdict,
            behaves=answer.behaves,
            step=None if step is None else step.number,
            reason=result.reason,
            remembered=remembered,
            signature=None if answer.signature is None else str(answer.signature),
            failed=() if step is None else _failed(step),
            causes=() if step is None else _causes(step),
        )
        return verdict, answer

    def _changes(self) -> Sequence[tuple[int, int]]:
        return changes(self.plan.read(self.answers))

    def verdicts(self) -> dict[int, ReleaseVerdict]:
        """Return the verdict on each played release, by position, oldest first.

        A release that fails too early to show the scenario's bug is not judged.
        """
        read = self.plan.read(self.answers)
        return {place: self._of_subject(place, read[place]) for place in sorted(read)}

    def _of_subject(self, place: int, answer: Answer) -> ReleaseVerdict:
        verdict = self.own_verdicts[place]
        if answer.behaves is verdict.behaves:
            return verdict
        return replace(verdict, behaves=answer.behaves, reason=answer.reason)

    def boundaries(self) -> list[Boundary]:
        """Return the changes of behaviour known so far."""
        verdicts = self.verdicts()
        return [
            Boundary(
                before=verdicts[older],
                after=verdicts[newer],
                between=tuple(
                    verdicts[place] for place in range(older + 1, newer) if place in verdicts
                ),
                unasked=sum(1 for place in range(older + 1, newer) if place not in verdicts),
                again=tuple(
                    verdict for place in (older, newer) for verdict in self.again.get(place, ())
                ),
                compare_url=compare_url(
                    self.search.installer, verdicts[older].release, verdicts[newer].release
                ),
            )
            for older, newer in self._changes()
        ]


def _failed(step: StepResult) -> tuple[str, ...]:
    checks = [check for check in step.checks if not check.held]
    return tuple(f"{check.key} {check.seen}, expected {check.expected}" for check in checks)


def _causes(step: StepResult) -> tuple[str, ...]:
    """Return the causes of a step without duplicates."""
    causes = (cause for check in step.checks if not check.held for cause in check.causes)
    return tuple(dict.fromkeys(causes))
