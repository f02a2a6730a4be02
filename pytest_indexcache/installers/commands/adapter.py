"""The base class for adapters that play a step by running the installer's commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from packaging.version import Version

from pytest_indexcache.errors import (
    CapabilityError,
    UnsupportedPythonError,
)
from pytest_indexcache.installers.commands.command_lines import verbose_lines
from pytest_indexcache.installers.commands.dialect import Dialect, exact_release
from pytest_indexcache.installers.commands.step_commands import StepCommands, write_files
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import (
    Act,
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.processes.step_limits import (
    DEFAULT_LIMITS,
    StepLimits,
)
from pytest_indexcache.installers.provisioning.pythons import demand_pythons, interpreter_for
from pytest_indexcache.scenario.model.audience import has_own_words
from pytest_indexcache.system.pythons.interpreter import Interpreter, running_interpreter

if TYPE_CHECKING:
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerVerb

SupplyRelease = Callable[[str, str, tuple[str, ...]], Supply]


def _supply_release(name: str, version: str, extras: tuple[str, ...]) -> Supply:
    from pytest_indexcache.installers.provisioning.provision import supply_release

    return supply_release(name, version, extras)


class CommandAdapter:
    """An adapter that plays each step by running the installer's commands.

    A step may name a release other than the one that plays the rest of the scenario;
    ``supply_release`` returns an object that installs this other release. ``limits`` apply to each
    command.
    """

    is_embedded: ClassVar[bool] = False
    dialect_class: ClassVar[type[Dialect]]
    extras: ClassVar[tuple[str, ...]] = ()
    """The extras to install with every release of the installer."""
    is_verbose: bool = False

    def __init__(
        self,
        spec: InstallerSpec,
        supply: Supply,
        *,
        supply_release: SupplyRelease = _supply_release,
        limits: StepLimits = DEFAULT_LIMITS,
    ) -> None:
        self.spec = spec
        self.limits = limits
        self.supply = supply
        self._supply_release = supply_release

    @property
    def version(self) -> str:
        """The version of the installer."""
        return self.supply.version

    @cached_property
    def _dialect(self) -> Dialect:
        return self.dialect_class(Version(self.version))

    def lacks(self, scenario: Scenario) -> str | None:
        """Return the reason why the installer cannot play a scenario, or None if it can."""
        try:
            self._dialect.check(scenario)
            demand_pythons(scenario, self.spec.name)
        except CapabilityError as error:
            return error.problem
        return None

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write the scenario's project into a folder, in the format that this installer reads."""
        write_files(workspace, folder, self._dialect.written_files(scenario))

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step; raise :class:`InstallerError` only if the installer could not be used."""
        return self.prepare(step, scenario, workspace, network)()

    def prepare(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Act:
        """Provision the release, create the venv, and return a function that plays the step."""
        supply, dialect = self.supply, self._dialect
        named = step.release_of(self.spec.name)
        if named is not None:
            release = exact_release(named)
            supply = self._supply_release(self.spec.name, str(release), self.extras)
            dialect = self.dialect_class(release)
        interpreter = interpreter_for(scenario, step)
        supplied = _supplied(supply, dialect, interpreter)
        command_lines = dialect.with_variables(step, dialect.command_lines(step, scenario))
        if self.is_verbose:
            command_lines = verbose_lines(dialect.name, command_lines)
        own_words, limits = has_own_words(scenario, self.spec.name), self.limits
        surroundings = (workspace, network, supplied, dialect, limits, own_words)
        stage = StepCommands(step, *surroundings, interpreter.executable)
        return stage.prepare(command_lines, interpreter)

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries of the installer's cache that match a query."""
        return self._dialect.cached_entries(cache, query)

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile that a step writes or reads in a project's folder."""
        return self._dialect.lockfile_of(step)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in a project folder's lockfile, keyed by project.

        The result is empty if there is no lockfile.
        """
        return self._dialect.locked(folder)


def _supplied(supply: Supply, dialect: Dialect, interpreter: Interpreter) -> ProvisionedInstaller:
    """Provision the installer for ``interpreter``, the Python of the step.

    If the release does not support this Python, the installer is provisioned for the running
    Python instead.

    :raises CapabilityError: if the release must run in the step's Python, but does not support it
    """
    if interpreter == running_interpreter():
        return supply()
    try:
        return supply.for_python(interpreter.executable)
    except UnsupportedPythonError as error:
        if dialect.runs_in_venv:
            raise CapabilityError(error.spec, error.problem, error.hint) from error
        return supply()
