"""What is looked at before and after a step: venvs, lockfiles, and what reached the indexes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.installers.contract.installer import Installer, Outcome, Workspace
from pytest_indexcache.installers.provisioning.pythons import scenario_pythons
from pytest_indexcache.run.plays.checks.observation import Observation, Venv
from pytest_indexcache.run.plays.checks.venv_files import files_of_venv
from pytest_indexcache.run.plays.checks.work_deadline import WorkDeadline
from pytest_indexcache.run.plays.goals.satisfaction import GoalCheck, goal_of
from pytest_indexcache.run.plays.imports.venv_imports import importing
from pytest_indexcache.run.plays.ledger import StepLedger
from pytest_indexcache.run.plays.venv import read_venv
from pytest_indexcache.run.plays.workspace.cache_contents import expected_entries, size_of
from pytest_indexcache.run.plays.workspace.lockfiles import StepLockfile
from pytest_indexcache.run.plays.workspace.own_places import OwnPlaces
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerStep
from pytest_indexcache.system.urls import without_credentials


@dataclass(frozen=True)
class StepState:
    """What is there before or after a step."""

    venv: Venv
    lockfile: str | None


@dataclass
class Observer:
    """Looks at the workspace of a play and at its ledger."""

    workspace: Workspace
    installer: Installer
    ledger: StepLedger
    places: OwnPlaces
    indexes: Callable[[], FakeIndexes]
    _venvs: dict[Path, Venv] = field(default_factory=dict)

    def state(self, step: AnyStep) -> StepState:
        """Return what is there, as far as the step could change it."""
        return StepState(self._venvs.get(self.venv(step), {}), self._lockfile(step).text)

    def venv(self, step: AnyStep) -> Path:
        """Return the folder of the venv that a step is about."""
        folder = getattr(step, "folder", "project")
        return self.workspace.venv_in_use(folder, getattr(step, "venv", None))

    def observe(
        self,
        number: int,
        step: AnyStep,
        scenario: Scenario,
        outcome: Outcome,
        before: StepState,
        builds: Mapping[str, int],
        work: WorkDeadline,
        name: str = "",
    ) -> Observation:
        """Return what can be seen of a step when it is over; ``name`` is that of one of several."""
        venv, expect, cache = self.venv(step), step.expect, self.workspace.cache
        imports = tuple(expect.imports)
        pythons: frozenset[Path] = frozenset()
        if imports:
            self.places.demand_imports()
            pythons = scenario_pythons(scenario)
        with importing(venv, imports, self.workspace, pythons) as imported:
            if isinstance(step, InstallerStep):
                self._venvs[venv] = read_venv(venv)
            after = self.state(step)
            return Observation(
                exit=outcome.exit,
                exit_code=outcome.exit_code,
                output=outcome.output,
                exchanges=self.ledger.of(number, name),
                before=before.venv,
                after=after.venv,
                lockfile_before=before.lockfile,
                lockfile_after=after.lockfile,
                locked=self._lockfile(step).packages if expect.locked else {},
                offered=self._offered(step),
                builds=builds,
                index_urls={
                    name: without_credentials(index.url) for name, index in scenario.indexes.items()
                },
                missing=self._missing(step, outcome, venv),
                venv_files=files_of_venv(venv, expect.venv_files, after.venv, work.each),
                cached=self._cached(expect),
                cache_bytes=size_of(cache) if expect.cache_bytes is not None else 0,
                # What goes on at the same time comes last.
                imports=imported(),
            )

    def _cached(self, expect: Expectation) -> Mapping[str, Sequence[CachedEntry]]:
        """Return the entries of the cache, as far as a step asks for them."""
        return expected_entries(expect, self.installer, self.workspace.cache, self.ledger)

    def _lockfile(self, step: AnyStep) -> StepLockfile:
        return StepLockfile(step, self.workspace, self.installer)

    def _offered(self, step: AnyStep) -> Mapping[str, frozenset[str]]:
        """Return the hashes of the files that the indexes offer now, where a step asks for them."""
        if all(wanted.hashes != "offered" for wanted in step.expect.locked.values()):
            return {}
        return self.indexes().hashes({*step.expect.locked})

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
