"""The cells of a matrix (scenario, installer, transport), and the tasks that play them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import mkdtemp

from pytest_indexcache.errors import InstallerError, UnsupportedPythonError
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.registry import create_installer, listed_in
from pytest_indexcache.run.matrix.circumstances import scenario_digest
from pytest_indexcache.run.matrix.results import in_brief
from pytest_indexcache.run.matrix.store import PlayKey
from pytest_indexcache.run.matrix.workers import Workplace
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import transports_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.listed import ListedBug


@dataclass(frozen=True)
class NamedScenario:
    """A scenario, its name in reports and its file.

    With ``is_trusted``, verbatim commands and files are played even without containment.
    """

    name: str
    scenario: Scenario
    file: Path
    is_trusted: bool = False

    @cached_property
    def digest(self) -> str:
        """A digest of the played parts of the scenario."""
        return scenario_digest(self.scenario)


@dataclass(frozen=True)
class Cell:
    """One play of a matrix: scenario, installer and transport."""

    scenario: NamedScenario
    installer: Installer
    transport: str

    @property
    def spec(self) -> str:
        """The installer's spec."""
        return str(self.installer.spec)

    @property
    def key(self) -> PlayKey | None:
        """The key of the play in a store, or None for a play that must always be repeated.

        A play is always repeated if it uses an installer on PATH, a local build or a running
        server, because each of these may change at any time.
        """
        spec = self.installer.spec
        indexes = self.scenario.scenario.indexes.values()
        if any(index.upstream is not None for index in indexes):
            return None
        if spec.path is not None or (spec.releases is None and not self.installer.is_embedded):
            return None
        return PlayKey(self.scenario.digest, str(spec), self.transport)

    @property
    def listed(self) -> ListedBug:
        """Whether, and how, the scenario lists the installer's release as affected."""
        return listed_in(self.scenario.scenario, self.installer)

    def not_played(self, verdict: Verdict, reason: str) -> PlayResult:
        """Return the result of a cell that was not played."""
        version = ""
        with suppress(InstallerError):
            version = self.installer.version
        task = PlayTask.of(self)
        return replace(task.not_played(verdict, reason), installer_version=version)


def plan_cells(
    scenarios: Sequence[NamedScenario], installers: Iterable[Installer], transport: str
) -> list[Cell]:
    """Return all cells of a matrix, grouped by release; ``transport`` may be ``both``."""
    return [
        Cell(scenario, installer, name)
        for installer in installers
        for scenario in scenarios
        for name in transports_of(installer, transport)
    ]


@dataclass(frozen=True)
class PlayTask:
    """A task that plays a cell in a worker."""

    scenario: NamedScenario
    spec: InstallerSpec
    transport: str

    @classmethod
    def of(cls, cell: Cell) -> PlayTask:
        """Return the task that plays a cell."""
        return cls(cell.scenario, cell.installer.spec, cell.transport)

    def __call__(self, workplace: Workplace) -> PlayResult:
        """Play the cell, remove the workspace, and return the short result."""
        try:
            installer = _installer(self.spec)
        except InstallerError as error:
            return self.not_played(Verdict.ERROR, str(error))
        return in_brief(self.play(workplace, installer))

    def play(self, workplace: Workplace, installer: Installer) -> PlayResult:
        """Play the cell, remove the workspace, and return the complete result."""
        root = Path(mkdtemp(prefix="play-", dir=workplace.folder))
        scenario = self.scenario
        try:
            return workplace.session.play(
                scenario.scenario,
                scenario.name,
                installer,
                self.transport,
                root,
                is_trusted=scenario.is_trusted,
            )
        finally:
            workplace.session.sweep(root)

    def not_played(self, verdict: Verdict, reason: str) -> PlayResult:
        """Return the result of a cell that was not played."""
        return PlayResult(
            scenario=self.scenario.name,
            title=self.scenario.scenario.title,
            issue=self.scenario.scenario.issue,
            tags=tuple(self.scenario.scenario.tags),
            installer=str(self.spec),
            installer_version="",
            transport=self.transport,
            verdict=verdict,
            reason=reason,
        )


@dataclass(frozen=True)
class ProvisionTask:
    """A task that provisions a release in a worker, for the Python version of a scenario."""

    name: str
    version: str
    scenario: Scenario

    def __call__(self, workplace: Workplace) -> str | None:  # noqa: ARG002 - what every task gets
        """Provision the release; return the reason why it cannot be started, or None."""
        from pytest_indexcache.installers.provisioning.provision import provision
        from pytest_indexcache.installers.provisioning.pythons import interpreter_for
        from pytest_indexcache.system.pythons.interpreter import running_interpreter

        try:
            interpreter = interpreter_for(self.scenario)
            python = None if interpreter == running_interpreter() else interpreter.executable
            provision(self.name, self.version, python=python)
        except UnsupportedPythonError as error:
            # An installer in its own venv may run with another Python.
            return str(error) if self.scenario.python is None else None
        except InstallerError as error:
            return str(error)
        return None


@lru_cache(maxsize=4)
def _installer(spec: InstallerSpec) -> Installer:
    return create_installer(spec)
