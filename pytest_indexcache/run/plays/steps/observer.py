"""Observe venvs, lockfiles and exchanges before and after a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.installers.contract.installer import Installer, Outcome, Workspace
from pytest_indexcache.installers.provisioning.pythons import scenario_pythons
from pytest_indexcache.run.plays.checks.work_deadline import WorkDeadline
from pytest_indexcache.run.plays.goals.satisfaction import GoalCheck, goal_of
from pytest_indexcache.run.plays.records.observation import Observation, Venv
from pytest_indexcache.run.plays.records.step_ledger import StepLedger
from pytest_indexcache.run.plays.venvs.distributions import read_venv
from pytest_indexcache.run.plays.venvs.venv_files import files_of_venv
from pytest_indexcache.run.plays.venvs.venv_imports import importing
from pytest_indexcache.run.plays.workspace.cache_contents import expected_entries, size_of
from pytest_indexcache.run.plays.workspace.lockfiles import StepLockfile
from pytest_indexcache.run.plays.workspace.own_places import OwnPlaces
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerStep
from pytest_indexcache.system.urls import without_credentials


@dataclass(frozen=True)
class StepState:
    """The contents of a step's venv and the text of its lockfile, before or after the step."""

    venv: Venv
    lockfile: str | None


@dataclass
class Observer:
    """Observes the workspace and the exchanges of a play."""

    workspace: Workspace
    installer: Installer
    ledger: StepLedger
    places: OwnPlaces
    indexes: Callable[[], FakeIndexes]
    _venvs: dict[Path, Venv] = field(default_factory=dict)

    def state(self, step: AnyStep) -> StepState:
        """Return the last known contents of a step's venv, and the current text of its lockfile."""
        return StepState(self._venvs.get(self.venv(step), {}), self._lockfile(step).text)

    def venv(self, step: AnyStep) -> Path:
        """Return the folder of the venv that a step uses."""
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
        """Collect the facts about a step; ``name`` is set only for a simultaneous step."""
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
                # Calls that run concurrently come last.
                imports=imported(),
            )

    def _cached(self, expect: Expectation) -> Mapping[str, Sequence[CachedEntry]]:
        """Return the cache entries about which a step has expectations."""
        return expected_entries(expect, self.installer, self.workspace.cache, self.ledger)

    def _lockfile(self, step: AnyStep) -> StepLockfile:
        return StepLockfile(step, self.workspace, self.installer)

    def _offered(self, step: AnyStep) -> Mapping[str, frozenset[str]]:
        """Return the hashes that the indexes offer now, if the step has expectations for hashes."""
        if all(wanted.hashes != "offered" for wanted in step.expect.locked.values()):
            return {}
        return self.indexes().hashes({*step.expect.locked})

    def _missing(self, step: AnyStep, outcome: Outcome, venv: Path) -> Sequence[str] | None:
        """Return the requirements that a step left unmet.

        The result is None if the step failed, or if its requirements are unknown.
        """
        if not outcome.succeeded or not isinstance(step, InstallerStep):
            return None
        goal = goal_of(step, self.installer.spec.name)
        if goal is None:
            return None
        folder = self.workspace.folder(step.folder)
        locked = partial(self.installer.locked, folder)
        return GoalCheck(goal, folder, venv, self._venvs[venv], locked).missing
