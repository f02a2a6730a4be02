"""The bundled reference installer, driven through its Python API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_indexcache import __version__
from pytest_indexcache.errors import CapabilityError, InstallerSpecError, ReferenceInstallerError
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.provisioning.pythons import demand_pythons
from pytest_indexcache.installers.reference.command_line import command_line
from pytest_indexcache.installers.reference.project import project_file
from pytest_indexcache.reference.behaviour import CORRECT, VARIANTS, Behaviour
from pytest_indexcache.reference.commanding.demand import Demand
from pytest_indexcache.reference.commands import ReferenceInstaller
from pytest_indexcache.reference.lockfile import LOCKFILE_NAME, read_lock
from pytest_indexcache.reference.packages import PYPI, IndexLocation
from pytest_indexcache.reference.selection import Selection
from pytest_indexcache.reference.session import Options, Settings
from pytest_indexcache.scenario.audience import why_not_for
from pytest_indexcache.scenario.tables import steps as verbs

if TYPE_CHECKING:
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import InstallerVerb


class ReferenceAdapter:
    """The reference installer, or a variant of it."""

    is_embedded = True
    version = __version__

    def __init__(self, spec: InstallerSpec) -> None:
        self.spec = spec
        self._behaviour = _behaviour(spec)

    def lacks(self, scenario: Scenario) -> str | None:
        """Say why it cannot play a scenario: words for other installers, releases, platforms."""
        reason = why_not_for(scenario, self.spec.name)
        if reason:
            return reason
        for number, step in enumerate(scenario.steps, 1):
            if isinstance(step, verbs.Command):
                return f"step {number}: reference takes no command line word for word"
            if isinstance(step, verbs.InstallerStep) and step.release:
                return f"step {number}: reference has no release {step.release}"
            if isinstance(step, verbs.NetworkStep) and step.python_platform:
                return f"step {number}: reference resolves for no platform but its own"
        try:
            demand_pythons(scenario, self.spec.name)
        except CapabilityError as error:
            return error.problem
        return None

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write ``pyproject.toml`` with the table that is the reference installer's own."""
        text = scenario.project_files.get("reference") or project_file(scenario)
        (workspace.folder(folder) / "pyproject.toml").write_text(text, encoding="utf-8")

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step in this process."""
        stage = _ReferenceStep(step, scenario, workspace, network, self._behaviour)
        return stage.play()

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read ``pylock.toml``."""
        lock = read_lock(folder / LOCKFILE_NAME)
        found: dict[str, tuple[LockedPackage, ...]] = {}
        for package in lock.pylock.packages if lock else ():
            hashes = [wheel.hashes for wheel in package.wheels or ()]
            one = LockedPackage(
                version=str(package.version) if package.version else None,
                has_hashes=bool(hashes) and all(hashes),
                index_url=package.index,
            )
            found[package.name] = (*found.get(package.name, ()), one)
        return found


def _no_wait(seconds: float) -> None:
    """Try again at once: a fake index is not the better for being given time."""


def _behaviour(spec: InstallerSpec) -> Behaviour:
    if spec.releases or spec.path:
        raise InstallerSpecError(
            str(spec), "the reference installer has one release", "write reference:VARIANT"
        )
    if spec.variant is None:
        return CORRECT
    if spec.variant not in VARIANTS:
        near = get_close_matches(spec.variant, VARIANTS, n=1)
        hint = f"did you mean reference:{near[0]}?" if near else f"there are {', '.join(VARIANTS)}"
        raise InstallerSpecError(str(spec), f"there is no variant {spec.variant!r}", hint)
    return VARIANTS[spec.variant]


@dataclass(frozen=True)
class _ReferenceStep:
    """One step of the reference installer."""

    step: Any
    scenario: Scenario
    workspace: Workspace
    network: Network
    behaviour: Behaviour
    lines: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def play(self) -> Outcome:
        """Play the step; what the installer refuses is a failure with its message."""
        try:
            exit_code = self._verbs[type(self.step)]() or 0
            kind = ExitKind.FAILURE if exit_code else ExitKind.SUCCESS
        except ReferenceInstallerError as error:
            self.lines.append(f"error: {error}")
            exit_code, kind = 1, ExitKind.FAILURE
        project = self.folder / "pyproject.toml"
        shown = project.relative_to(self.workspace.root).as_posix()
        files = {shown: project.read_text(encoding="utf-8")} if project.is_file() else {}
        return Outcome(
            exit=kind,
            exit_code=exit_code,
            command=command_line(self.step, self.scenario),
            output="\n".join(self.lines),
            files=files,
            journal=tuple(self.journal),
            release=__version__,
        )

    @property
    def _verbs(self) -> Mapping[type, Callable[[], int | None]]:
        return {
            verbs.Lock: self._lock,
            verbs.Sync: self._sync,
            verbs.Run: self._run,
            verbs.Add: self._add,
            verbs.Remove: self._remove,
            verbs.Install: self._install,
            verbs.Uninstall: self._uninstall,
            verbs.Compile: self._compile,
            verbs.SyncRequirements: self._sync_requirements,
            verbs.ClearCache: self._clear_cache,
            verbs.PruneCache: self._prune_cache,
        }

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.workspace.folder(self.step.folder)

    @cached_property
    def _installer(self) -> ReferenceInstaller:
        default = self.scenario.default_index
        default_index = self.scenario.indexes[default].url if default else PYPI
        settings = Settings(
            cache_dir=self.workspace.cache,
            clock=self.network.clock,
            transport=self.network.transport,
            proxy=self.network.proxy_url,
            ca_bundle=self.network.ca_file,
            trust_env=False,
            sleep=_no_wait,
            # Both ends are in this very process: more threads only make more connections.
            most_requests=1 if self.network.transport else 2,
            behaviour=self.behaviour,
            echo=self.lines.append,
            journal=self.journal.append,
            variables={"INDEXCACHE_BUILD_LOG": str(self.workspace.build_log)},
            default_index=default_index,
        )
        return ReferenceInstaller(settings)

    @property
    def _options(self) -> Options:
        step = self.step
        chosen: dict[str, Any] = {}
        if isinstance(step, verbs.NetworkStep):
            for name in ("refresh", "upgrade", "reinstall", "no_binary", "no_build"):
                chosen[name] = Selection.of(getattr(step, name))
            for name in ("offline", "no_cache", "no_sources", "no_deps"):
                chosen[name] = getattr(step, name)
            if step.index_strategy:
                chosen["index_strategy"] = step.index_strategy
        return Options(
            venv=self.workspace.venv(step.folder, step.venv),
            python=step.python or self.scenario.python,
            **chosen,
        )

    def _location(self, name: str) -> IndexLocation:
        index, override = self.scenario.indexes[name], self.scenario.cache_control.get(name)
        return IndexLocation(
            name=name,
            url=index.url,
            explicit=name in self.scenario.explicit_indexes,
            flat=index.flat,
            pages_override=override.pages if override else None,
            files_override=override.files if override else None,
        )

    # -- verbs on a project ----------------------------------------------------------------------

    def _lock(self) -> None:
        self._installer.lock(self.folder, options=self._options)

    def _sync(self) -> None:
        step = self.step
        self._installer.sync(
            self.folder,
            extras=step.extras,
            groups=step.groups,
            frozen=step.frozen,
            locked=step.locked,
            options=self._options,
        )

    def _run(self) -> int:
        step = self.step
        program = "import " + ", ".join(step.imports) if step.imports else "pass"
        done = self._installer.run(
            self.folder,
            ["-I", "-c", program],
            extras=step.extras,
            groups=step.groups,
            frozen=step.frozen,
            locked=step.locked,
            options=self._options,
        )
        self.lines.extend(done.output.splitlines())
        return done.exit_code

    def _add(self) -> None:
        step = self.step
        path = step.editable or step.path
        self._installer.add(
            self.folder,
            step.requirements,
            index=self._location(step.index) if step.index else None,
            path=self.workspace.root / path if path else None,
            editable=step.editable is not None,
            extra=step.optional,
            group=step.group,
            options=self._options,
        )

    def _remove(self) -> None:
        step = self.step
        self._installer.remove(
            self.folder, step.projects, extra=step.optional, group=step.group, options=self._options
        )

    # -- verbs on a venv -------------------------------------------------------------------------

    def _demand(self, **asked: Any) -> Demand:
        step, scenario = self.step, self.scenario
        default = getattr(step, "index", None) or scenario.default_index
        names = list(step.extra_indexes)
        if default in scenario.cache_control:
            names.append(default)
        return Demand(
            indexes=[self._location(name) for name in names],
            default_index=scenario.indexes[default].url if default else None,
            require_hashes=getattr(step, "require_hashes", False),
            **asked,
        )

    def _install(self) -> None:
        step, root = self.step, self.workspace.root
        demand = self._demand(
            requirements=[*step.requirements, *(str(root / path) for path in step.paths)],
            editable=[str(root / path) for path in step.editable],
            constraints=step.constraints,
            overrides=step.overrides,
            find_links=[self._find_links(place) for place in step.find_links],
            no_index=step.no_index,
        )
        self._installer.install(demand, options=self._options)

    def _find_links(self, place: str) -> str:
        index = self.scenario.indexes.get(place)
        return index.url if index else str(self.workspace.root / place)

    def _uninstall(self) -> None:
        self._installer.uninstall(self.step.projects, options=self._options)

    def _compile(self) -> None:
        step = self.step
        demand = self._demand(requirements=step.requirements)
        self._installer.compile(
            demand, self.folder / step.to, hashes=step.hashes, options=self._options
        )

    def _sync_requirements(self) -> None:
        demand = self._demand(files=[self.folder / self.step.file])
        self._installer.sync_requirements(demand, options=self._options)

    # -- verbs on the cache ----------------------------------------------------------------------

    def _clear_cache(self) -> None:
        self._installer.clear_cache(self.step.projects)

    def _prune_cache(self) -> None:
        self._installer.prune_cache(ci=self.step.ci)
