"""The adapter for PDM."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.caches.layouts import pdm_cache
from pytest_indexcache.installers.commands.command_lines import (
    CommandLine,
    comma_list,
    import_program,
    named,
)
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.exits import DEFECTS, crash_of_python
from pytest_indexcache.installers.commands.locks.lockfiles import read_pdm_lock
from pytest_indexcache.installers.commands.venv_projects import (
    ABSENT_VERBS,
    uninstalled,
    venv_project,
)
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.pdm.capabilities import PDM
from pytest_indexcache.installers.pdm.project import (
    exclude_newer,
    is_of_project,
    link_settings,
    pdm_project,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import has_own_words
from pytest_indexcache.scenario.model.edits import cutoff_of, resolution_of, with_added
from pytest_indexcache.scenario.tables.steps import (
    Add,
    ClearCache,
    Install,
    InstallerStep,
    Lock,
    NetworkStep,
    Remove,
    Run,
    Sync,
    Uninstall,
)

_LOCKED_GROUPS: Final = "2.5.0"
_REUSE: Final = "2.11.0"
_CLEAN_UNSELECTED: Final = "2.17.0"
_CHECK: Final = ("lock", "--check")


class PdmDialect(Dialect):
    """The commands and settings of one release of PDM, 2.0 or later."""

    name = "pdm"
    keeps = frozenset(("page", "metadata", "wheel"))
    lockfile_name = "pdm.lock"
    file_patterns = ("pyproject.toml", "pdm.toml")
    records_urls = False
    has_virtualenv = True
    capabilities = PDM
    absent_verbs = ABSENT_VERBS
    always_needed = ("venv of its project", "proxy")
    not_known = re.compile(
        r"unrecognized arguments: .*|invalid choice: .*|(Command|Script) (unknown|not found): .*|"
        r"(?<=: error: )(?:argument|the following arguments) .*|"
        r"^\[PdmUsageError\]: (?:Must specify at least one package|Invalid strategy flag).*",
        re.MULTILINE,
    )
    # From 2.13.0 on, pdm downloads a missing Python, and no setting prevents that.
    lacks_python = re.compile(r"Failed to install Python (\S+): ")
    crashed = crash_of_python("pdm", rf"^\[{DEFECTS}\]: ")
    records_index = False

    @property
    def looks_through_all_above(self) -> bool:
        """Whether the release searches all parents for ``[tool.pdm.workspace]`` (since 2.28.0)."""
        return self.has("2.28.0")

    def demand_start(self, scenario: Scenario) -> None:
        """Raise CapabilityError if the release cannot play a scenario, regardless of its steps.

        :raises CapabilityError: for the first missing capability
        """
        super().demand_start(scenario)
        if has_own_words(scenario, self.name):
            # The project files of pdm may name any index of the scenario.
            self.demand("proxy for the indexes of a project")

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml``, and ``pdm.toml`` if the project sets a link mode."""
        mode = scenario.project.link_mode
        settings = {"pdm.toml": link_settings(mode, self)} if mode else {}
        return {"pyproject.toml": pdm_project(scenario, self), **settings}

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands for a step; if necessary, they update the lockfile first."""
        if isinstance(step, ClearCache):
            if step.projects:
                self.demand("way to clear what it stored of one project")
            return (CommandLine(("cache", "clear")),)
        if isinstance(step, Uninstall):
            removed = uninstalled(step, scenario, self)
            return (CommandLine(("remove", "--no-self", *removed)),)
        if not isinstance(step, NetworkStep):
            raise self.lacking_verb(step)
        self._refuse(step, scenario)
        lines, variables = _TRANSLATORS[type(step)](self, step, scenario), self._variables(step)
        return tuple(replace(line, environment=variables) for line in lines)

    def _refuse(self, step: NetworkStep, scenario: Scenario) -> None:
        early = step.prereleases and not scenario.project.prereleases
        for what, value in (
            ("offline mode", step.offline),
            ("way to revalidate its cache", step.refresh),
            ("reinstall of single projects", isinstance(step.reinstall, tuple) and step.reinstall),
            ("--no-sources", step.no_sources and not isinstance(step, Install)),
            ("--no-deps", step.no_deps),
            ("choice of index strategies", step.index_strategy not in (None, "first-index")),
            ("sync for another platform", step.python_platform),
            ("pre-releases of one command other than add", early and not isinstance(step, Add)),
        ):
            if value:
                self.demand(what)

    def _variables(self, step: NetworkStep) -> dict[str, str]:
        variables = {}
        if step.no_cache:
            self.demand("--no-cache")
            variables["PDM_NO_CACHE"] = "1"
        if step.no_binary:
            variables["PDM_NO_BINARY"] = comma_list(step.no_binary)
        if step.no_build:
            variables["PDM_ONLY_BINARY"] = comma_list(step.no_build)
        return variables

    def _install(self, step: Install, scenario: Scenario) -> list[CommandLine]:
        """Return the commands that write the venv's project, lock it and install it."""
        project = venv_project(step, scenario, self)
        written = project.written(step, scenario)
        if project.is_new:
            step = step.model_copy(update={"upgrade": True})
        first, *others = self._locking(step, written, always=project.is_changed)
        reinstall = ("--reinstall",) if step.reinstall else ()
        sync = CommandLine(("sync", "--no-self", "--prod", *reinstall))
        return [replace(first, files=self.project_files(written)), *others, sync]

    def _lock(self, step: Lock, scenario: Scenario) -> list[CommandLine]:
        if step.locked and step.upgrade:
            self.demand("check of its lockfile for newer releases")
        return self._checking() if step.locked else self._locking(step, scenario, always=True)

    def _checking(self) -> list[CommandLine]:
        self.demand("lock --check")
        return [CommandLine(_CHECK)]

    def _locking(
        self, step: NetworkStep, scenario: Scenario, *, always: bool = False
    ) -> list[CommandLine]:
        """Return the commands that lock the project with all of its extras and groups.

        Unless ``always`` is true, the lockfile is only updated if it is out of date.
        """
        every: tuple[str, ...] = ()
        if scenario.project.optional_dependencies and self.has(_LOCKED_GROUPS):
            every = ("--group", ":all")
        every += (*self._cutoff(step, scenario), *self._strategy(step, scenario))
        if step.upgrade is True:
            return [CommandLine(("lock", *every))]
        # With reuse, the locked version would stay, even if the step requires another release.
        keep = ("--update-reuse",) if self.has(_REUSE) and not step.resolution else ()
        lock = CommandLine(("lock", *every, *keep), unless=None if always else _CHECK)
        if step.upgrade:
            self._refuse_cutoff(step, scenario)
            return [lock, CommandLine(("update", "--no-sync", "--no-self", *step.upgrade))]
        return [lock]

    def _cutoff(self, step: NetworkStep, scenario: Scenario) -> tuple[str, ...]:
        """Return the ``pdm lock`` option that excludes files uploaded after a given time."""
        moment = cutoff_of(step, scenario)
        if moment is None or (step.exclude_newer is None and is_of_project(self)):
            return ()
        return ("--exclude-newer", exclude_newer(moment, self))

    def _strategy(self, step: NetworkStep, scenario: Scenario) -> tuple[str, ...]:
        """Return the ``pdm lock`` option for the resolution strategy; the lockfile records it."""
        resolution = resolution_of(step, scenario)
        if resolution == "lowest":
            self.demand("resolution to the lowest releases of what others require")
        if resolution == "lowest-direct":
            self.demand("lock --strategy direct_minimal_versions")
        if resolution is None or not self._has_strategies():
            return ()
        no = "" if resolution == "lowest-direct" else "no_"
        return ("--strategy", f"{no}direct_minimal_versions")

    def _has_strategies(self) -> bool:
        return self.capabilities["lock --strategy direct_minimal_versions"].is_in(self.release)

    def _refuse_resolution(self, step: NetworkStep, scenario: Scenario) -> None:
        """Raise CapabilityError if a resolution strategy is set for a command other than lock."""
        if resolution_of(step, scenario) not in (None, "highest"):
            self.demand("resolution of a command other than lock")

    def _refuse_cutoff(self, step: NetworkStep, scenario: Scenario) -> None:
        """Raise CapabilityError if an upload time limit is set for a command other than lock."""
        if step.exclude_newer is not None:
            self.demand("exclude-newer of one command other than lock")
        if scenario.project.exclude_newer is not None:
            self.demand("exclude-newer of a project")

    def _sync(self, step: Sync, scenario: Scenario) -> list[CommandLine]:
        only = "--clean-unselected" if self.has(_CLEAN_UNSELECTED) else "--only-keep"
        keep = () if step.inexact else (only,)
        chosen = named("--group", (*step.extras, *step.groups))
        # By default, pdm would install the locked development groups.
        chosen = chosen if step.groups else ("--prod", *chosen)
        reinstall = ("--reinstall",) if step.reinstall else ()
        sync = CommandLine(("sync", "--no-self", *keep, *chosen, *reinstall))
        if step.locked:
            return [*self._checking(), sync]
        return [sync] if step.frozen else [*self._locking(step, scenario), sync]

    def _run(self, step: Run, scenario: Scenario) -> list[CommandLine]:
        program = CommandLine(("run", "python", "-c", import_program(step)))
        return [*self._sync(step, scenario), program]

    def _add(self, step: Add, scenario: Scenario) -> list[CommandLine]:
        if step.editable:
            self.demand("editable dependencies but in development groups")
        self._refuse_cutoff(step, scenario)
        self._refuse_resolution(step, scenario)
        parts = ["add", "--no-self", *(["--prerelease"] if step.prereleases else [])]
        parts += ["--group", step.optional] if step.optional else []
        parts += ["--dev", "--group", step.group] if step.group else []
        added = (f"../{step.path}",) if step.path else step.requirements
        # pdm has no option that adds an index: the index is written to the project file first.
        files = {}
        if step.index:
            sources = with_added(scenario, step).sources
            files = dict(self.project_files(scenario.model_copy(update={"sources": sources})))
        if step.group or not scenario.project.dependency_groups:
            return [CommandLine((*parts, *added), files)]
        # By default, pdm would install development groups, too.
        chosen = named("--group", (step.optional,) if step.optional else ())
        sync = CommandLine(("sync", "--no-self", "--prod", *chosen))
        return [CommandLine((*parts, "--no-sync", *added), files), sync]

    def _remove(self, step: Remove, scenario: Scenario) -> list[CommandLine]:
        self._refuse_cutoff(step, scenario)
        self._refuse_resolution(step, scenario)
        group = ["--group", step.optional] if step.optional else []
        group += ["--dev", "--group", step.group] if step.group else []
        return [CommandLine(("remove", "--no-self", *group, *step.projects))]

    def environment(
        self,
        step: InstallerStep,
        venv: Path,
        python: Path,  # noqa: ARG002
        cache: Path,
    ) -> Mapping[str, str]:
        """Return the environment variables for PDM.

        They set the cache and, if the step names a venv, the venv. They also make PDM ignore the
        Python that it saved for the project.
        """
        common = {"PDM_CACHE_DIR": str(cache / "pdm"), "PDM_IGNORE_SAVED_PYTHON": "1"}
        return common | ({"VIRTUAL_ENV": str(venv)} if step.venv else {})

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries in the cache that match a query."""
        return pdm_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in ``pdm.lock``, keyed by project."""
        return read_pdm_lock(folder / self.lockfile_name)


_TRANSLATORS: Final[Mapping[type, Callable[[PdmDialect, Any, Scenario], list[CommandLine]]]] = {
    Install: PdmDialect._install,
    Lock: PdmDialect._lock,
    Sync: PdmDialect._sync,
    Run: PdmDialect._run,
    Add: PdmDialect._add,
    Remove: PdmDialect._remove,
}


class PdmAdapter(CommandAdapter):
    """The adapter for PDM 2.0 and later."""

    dialect_class = PdmDialect
