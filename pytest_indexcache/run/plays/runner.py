"""Playing a scenario, step by step, with one installer."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import (
    CapabilityError,
    ContainmentError,
    FakeIndexError,
    GatewayError,
    InstallerError,
    InstallerUnavailableError,
    PlayError,
)
from pytest_indexcache.index.filled_files import filled
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.containment.modes import WITHOUT_WALLS, PlayWalls
from pytest_indexcache.installers.contract.caches import CacheQuery
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Installer, Network, Outcome, Workspace
from pytest_indexcache.installers.processes.walls import guarded
from pytest_indexcache.installers.provisioning.pythons import scenario_pythons
from pytest_indexcache.messages import Kind
from pytest_indexcache.plain_files import demand_plain
from pytest_indexcache.run.plays.checks.observation import Observation, Venv
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.checks.venv_files import files_of_venv
from pytest_indexcache.run.plays.checks.work_deadline import WorkDeadline
from pytest_indexcache.run.plays.evidence import (
    demand_evidence,
    demand_judgeable,
    demand_transport,
    unasked_exit,
)
from pytest_indexcache.run.plays.imports.venv_imports import importing
from pytest_indexcache.run.plays.ledger import Ledger
from pytest_indexcache.run.plays.records import Explain, PlayedStep, without_causes
from pytest_indexcache.run.plays.results import PlayResult, StepResult, Verdict, verdict_of
from pytest_indexcache.run.plays.satisfaction import GoalCheck, goal_of
from pytest_indexcache.run.plays.transports import Transport
from pytest_indexcache.run.plays.venv import read_venv
from pytest_indexcache.run.plays.workspace.damage import damage_entries
from pytest_indexcache.run.plays.workspace.lockfiles import StepLockfile
from pytest_indexcache.run.plays.workspace.own_places import OwnPlaces
from pytest_indexcache.run.plays.workspace.workspace_files import WorkspaceFiles
from pytest_indexcache.scenario.audience import own_words
from pytest_indexcache.scenario.edits import edited, with_added, with_removed
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Add,
    AnyStep,
    Damage,
    EdgeStep,
    Edit,
    IndexStep,
    InstallerStep,
    Remove,
    RemoveVenv,
)
from pytest_indexcache.system.urls import without_credentials

_FULL_DISK: Final = (
    os.strerror(errno.ENOSPC),
    os.strerror(errno.EDQUOT),
    "There is not enough space on the disk",  # what Windows says
)
_CACHED_AS: Final = {
    Kind.PAGE: "page",
    Kind.METADATA: "metadata",
    Kind.WHEEL: "wheel",
    Kind.SDIST: "wheel",
}
"""What a step calls the responses of a kind that are in a cache."""
_BROKEN: Final = (ContainmentError, InstallerError, FakeIndexError, GatewayError, PlayError)
_MAKE_ROOM: Final = (
    "make room on its disk, or name another folder in TMPDIR (--basetemp for pytest)"
)


@dataclass(frozen=True)
class Play:
    """What is to be played: a scenario, under the name that reports give it, by an installer.

    ``transport`` names the transport that ``connect`` makes: ``inprocess`` or ``wire``. Commands
    and files of a scenario that ``is_trusted`` are played without walls, too.
    """

    scenario: Scenario
    name: str
    installer: Installer
    connect: Transport
    transport: str
    affected: bool = False
    explain: Explain = without_causes
    walls: PlayWalls = WITHOUT_WALLS
    is_trusted: bool = False


def play(what: Play, root: Path) -> PlayResult:
    """Play a scenario in an empty folder and judge it.

    A scenario that the installer cannot play is skipped, and so is one whose release cannot be had
    here and was not named, but lies in a range. Where the installer is not there or could not be
    used, or the harness broke, the verdict is ``error``. None of these says anything about caching.
    """
    started = time.perf_counter()
    what = replace(what, scenario=filled(what.scenario))
    stage = _PlayState(what, Workspace(root, is_contained=what.walls.stand))
    version = reason = ""
    try:
        version = what.installer.version
        reason = what.installer.lacks(what.scenario) or ""
        if reason:
            verdict = Verdict.SKIPPED
        else:
            with what.connect(stage.indexes, stage.ledger.record) as network:
                steps = stage.play_all(network)
            stage.demand_evidence()
            reason = stage.unasked_exit
            verdict = verdict_of(held=all(step.held for step in steps), affected=what.affected)
    except CapabilityError as error:
        verdict, reason = Verdict.SKIPPED, str(error)
    except InstallerUnavailableError as error:
        is_named = not what.installer.spec.is_from_range
        verdict, reason = Verdict.ERROR if is_named else Verdict.SKIPPED, str(error)
    except _BROKEN as error:
        verdict, reason = Verdict.ERROR, str(error)
    except OSError as error:
        verdict, reason = Verdict.ERROR, str(_of_the_disk(error, root))
    commands = sum(step.seconds for step in stage.done)
    return PlayResult(
        scenario=what.name,
        title=what.scenario.title,
        issue=what.scenario.issue,
        installer=str(what.installer.spec),
        installer_version=version,
        transport=what.transport,
        verdict=verdict,
        reason=reason,
        containment=what.walls.words,
        steps=tuple(stage.done),
        seconds={"total": time.perf_counter() - started, "commands": commands},
    )


@dataclass(frozen=True)
class _State:
    """What is there before or after a step."""

    venv: Venv
    lockfile: str | None


class _PlayState:
    """The state of one play: the indexes, the workspace, and how far the scenario is told."""

    def __init__(self, what: Play, workspace: Workspace) -> None:
        scenario = what.scenario
        self.scenario = scenario
        self.installer = what.installer
        self._explain = what.explain
        self._walls = what.walls
        self._is_trusted = what.is_trusted
        self._own_words = own_words(scenario)
        self.workspace = workspace
        self.ledger = Ledger()
        self.done: list[StepResult] = []
        self._end_strays: Callable[[], None]
        self.unasked_exit = ""
        self._played: list[PlayedStep] = []
        self._venvs: dict[Path, Venv] = {}
        self._files = WorkspaceFiles(workspace, what.installer)
        self._places = OwnPlaces(workspace, what.installer.spec.name)

    @cached_property
    def indexes(self) -> FakeIndexes:
        """The indexes; raises FakeIndexError for tables that nobody has checked."""
        return FakeIndexes(self.scenario.indexes, time.time())

    def play_all(self, network: Network) -> tuple[StepResult, ...]:
        """Play the steps up to the first whose expectations do not hold."""
        self._walls.demand("" if self._is_trusted else self._own_words)
        self._files.begin(self.scenario)
        with guarded(self.workspace) as self._end_strays:
            for number, step in enumerate(self.scenario.steps, 1):
                self.ledger.begin(number)
                time.sleep(step.wait_seconds)
                if not self._play(number, step, network).held:
                    break
        return tuple(self.done)

    def _demand_room(self, result: StepResult) -> None:
        """Raise where the installer met a full disk, which says nothing about its caching."""
        said = " ".join(result.output.split())  # some break lines within a message
        full = next((text for text in _FULL_DISK if text in said), None)
        if full is not None:
            raise PlayError(
                f"step {result.number}: the disk of the workspace {self.workspace.root} is full: "
                f"the installer said {full!r}",
                _MAKE_ROOM,
            )

    def demand_evidence(self) -> None:
        """Raise where the installer did nothing at all, which says nothing about its caching."""
        demand_evidence(self.done, has_written=self._has_written)

    def _has_written(self) -> bool:
        given = {*self.scenario.files, *(path for step in self.done for path in step.files)}
        return self._files.has_written(given)

    def _play(self, number: int, step: AnyStep, network: Network) -> StepResult:
        scenario = self.scenario
        if isinstance(step, InstallerStep):
            return self._play_installer(number, step, network)
        if isinstance(step, IndexStep):
            self.indexes.apply(step, network.clock())
        elif isinstance(step, EdgeStep):
            self.indexes[step.index].apply_to_edge(step, network.clock())
        elif isinstance(step, Edit):
            self.scenario = edited(self.scenario, step)
            self._files.edit(step, self.scenario)
        elif isinstance(step, Damage):
            damage_entries(self.workspace.cache, step, self._cached(step))
        before = self._state(step)
        outcome = Outcome(ExitKind.SUCCESS, 0, "")
        result = self._judge(number, step, outcome, before, 0.0, scenario)
        self.done.append(result)
        return result

    def _play_installer(self, number: int, step: Any, network: Network) -> StepResult:
        scenario = self.scenario
        venv = self._venv(step)
        self._places.demand(step, scenario, venv)
        self._files.write_project(self.scenario, step.folder)
        before = self._state(step)
        builds = self._files.builds()
        started = time.perf_counter()
        if isinstance(step, RemoveVenv):
            outcome = self._files.remove_venv(venv)
        else:
            outcome = self.installer.play(step, self.scenario, self.workspace, network)
            self._end_strays()
            if self.workspace.is_contained and self._own_words:
                demand_plain(self.workspace.root)
            outcome = replace(outcome, release=outcome.release or self.installer.version)
        seconds = time.perf_counter() - started
        if outcome.succeeded and isinstance(step, Add):
            self.scenario = with_added(self.scenario, step)
        elif outcome.succeeded and isinstance(step, Remove):
            self.scenario = with_removed(self.scenario, step)
        made = {k: n for k, n in (self._files.builds() - builds).items() if n}
        result = self._judge(number, step, outcome, before, seconds, scenario, made)
        self.done.append(result)
        self._demand_sense(result, outcome, step)
        return result

    def _demand_sense(self, result: StepResult, outcome: Outcome, step: InstallerStep) -> None:
        """Raise where what happened in a step says nothing about the installer's caching."""
        name = self.installer.spec.name
        demand_judgeable(result, outcome, step, self.scenario, name)
        demand_transport(result, step, self.indexes.serves)
        self._demand_room(result)
        self.unasked_exit = unasked_exit(result, outcome.exit_note, name)

    def _judge(
        self,
        number: int,
        step: AnyStep,
        outcome: Outcome,
        before: _State,
        seconds: float,
        scenario: Scenario,
        builds: Mapping[str, int] | None = None,
    ) -> StepResult:
        work = WorkDeadline(number)
        observation = self._observe(number, step, outcome, before, builds or {}, work)
        name = self.installer.spec.name
        played = PlayedStep(number, step, scenario, observation, outcome, name)
        self._played.append(played)
        checks = tuple(work.each(check_step(step.expect, observation)))
        if not all(check.held for check in checks):
            checks = self._explain(work.each(checks), self._played)
        return StepResult(
            number=number,
            verb=step.do,
            title=step.name,
            exit=outcome.exit,
            exit_code=outcome.exit_code,
            release=outcome.release,
            command=outcome.command,
            output=outcome.output,
            files=outcome.files,
            added=observation.added,
            removed=observation.removed,
            exchanges=tuple(observation.exchanges),
            checks=checks,
            seconds=seconds,
            waited=step.wait_seconds,
        )

    def _observe(
        self,
        number: int,
        step: AnyStep,
        outcome: Outcome,
        before: _State,
        builds: Mapping[str, int],
        work: WorkDeadline,
    ) -> Observation:
        venv = self._venv(step)
        expect = step.expect
        imports = tuple(expect.imports)
        pythons: frozenset[Path] = frozenset()
        if imports:
            self._places.demand_imports()
            pythons = scenario_pythons(self.scenario)
        with importing(venv, imports, self.workspace, pythons) as imported:
            if isinstance(step, InstallerStep):
                self._venvs[venv] = read_venv(venv)
            after = self._state(step)
            return Observation(
                exit=outcome.exit,
                exit_code=outcome.exit_code,
                output=outcome.output,
                exchanges=self.ledger.of(number),
                before=before.venv,
                after=after.venv,
                lockfile_before=before.lockfile,
                lockfile_after=after.lockfile,
                locked=self._lockfile(step).packages if expect.locked else {},
                offered=self._offered(step),
                builds=builds,
                index_urls={
                    name: without_credentials(index.url)
                    for name, index in self.scenario.indexes.items()
                },
                missing=self._missing(step, outcome, venv),
                venv_files=files_of_venv(venv, expect.venv_files, after.venv, work.each),
                # What goes on at the same time comes last.
                imports=imported(),
            )

    def _venv(self, step: AnyStep) -> Path:
        folder, venv = getattr(step, "folder", "project"), getattr(step, "venv", None)
        return self.workspace.venv_in_use(folder, venv)

    def _state(self, step: AnyStep) -> _State:
        return _State(self._venvs.get(self._venv(step), {}), self._lockfile(step).text)

    def _cached(self, step: Damage) -> Iterable[Path]:
        """Return the files of the cache that a step means, where it names none."""
        if step.what is None:
            return ()
        urls = frozenset(
            exchange.url
            for done in self.done
            for exchange in done.exchanges
            if _CACHED_AS.get(exchange.subject.kind) == step.what
            and step.project in (None, exchange.subject.project)
        )
        query = CacheQuery(step.what, step.project, urls)
        found = sorted(self.installer.cached_files(self.workspace.cache, query))
        if not found:
            text = f"it does not have {step.target} in its cache, so that nothing can be damaged"
            raise CapabilityError(f"{self.installer.spec.name} {self.installer.version}", text)
        return found

    def _lockfile(self, step: AnyStep) -> StepLockfile:
        return StepLockfile(step, self.workspace, self.installer)

    def _offered(self, step: AnyStep) -> Mapping[str, frozenset[str]]:
        """Return the hashes of the files that the indexes offer now, where a step asks for them."""
        if all(wanted.hashes != "offered" for wanted in step.expect.locked.values()):
            return {}
        return self.indexes.hashes({*step.expect.locked})

    def _missing(self, step: AnyStep, outcome: Outcome, venv: Path) -> Sequence[str] | None:
        """Return what a successful step asked for and did not bring, None where it is not known."""
        if not outcome.succeeded or not isinstance(step, InstallerStep):
            return None
        goal = goal_of(step, self.installer.spec.name)
        if goal is None:
            return None
        folder = self.workspace.folder(step.folder)
        locked = partial(self.installer.locked, folder)
        return GoalCheck(goal, folder, venv, self._venvs[venv], locked).missing


def _of_the_disk(error: OSError, root: Path) -> PlayError:
    return PlayError(f"the workspace {root} cannot be used: {error}", _MAKE_ROOM)
