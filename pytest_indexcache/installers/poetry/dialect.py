"""The adapter for Poetry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.caches.layouts import poetry_cache
from pytest_indexcache.installers.commands.command_lines import (
    CommandLine,
    comma_list,
    import_program,
    named,
)
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.exits import DEFECTS, crash_of_python
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    PYPI,
    project_indexes,
    written_url,
)
from pytest_indexcache.installers.commands.locks.lockfiles import read_poetry_lock
from pytest_indexcache.installers.commands.venv_projects import (
    ABSENT_VERBS,
    uninstalled,
    venv_project,
)
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.poetry.capabilities import POETRY
from pytest_indexcache.installers.poetry.project import (
    PROJECT_TABLE,
    credentials,
    index_name,
    poetry_project,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import (
    admits_prereleases,
    cutoff_of,
    links_into_cache,
    resolution_of,
)
from pytest_indexcache.scenario.tables.fields import age_of
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

_CHECK: Final = ("check", "--lock")


class PoetryDialect(Dialect):
    """The commands and settings of one release of Poetry, 1.8 or later."""

    name = "poetry"
    keeps = frozenset(("page", "metadata", "wheel"))
    lockfile_name = "poetry.lock"
    records_urls = False
    has_virtualenv = True
    capabilities = POETRY
    absent_verbs = ABSENT_VERBS
    always_needed = ("package-mode",)
    not_known = re.compile(
        r"The (?:requested )?(?:command|option)\b.* "
        r"(?:does not exist(?: in the \w+ namespace)?|is not defined)|"
        r"(?<=The Poetry configuration is invalid:\n  - ).*|"
        r"Additional properties are not allowed .*|\S+ must not contain \{.*\} properties|"
        r"Not enough arguments \(missing: .*\)|No arguments expected for .* command, got .*|"
        r"Too many arguments.*, expected arguments .*|The \".*\" option requires a value"
    )
    refuses_python = re.compile(r"Current Python version \(\S+\) is not allowed by the project")
    crashed = crash_of_python("poetry", rf"^  {DEFECTS}$")

    def demand_start(self, scenario: Scenario) -> None:
        """Raise CapabilityError if the release cannot play a scenario, regardless of its steps.

        :raises CapabilityError: for the first missing capability
        """
        super().demand_start(scenario)
        if _needs_builds(scenario):
            self.demand("way to learn a source tree's metadata without pypa/build")

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml`` as the only project file."""
        return {"pyproject.toml": poetry_project(scenario, self)}

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands for a step; if necessary, they update the lockfile first."""
        if isinstance(step, ClearCache):
            return (self._clear_cache(step),)
        if isinstance(step, Uninstall):
            return (CommandLine(("remove", *uninstalled(step, scenario, self))),)
        if not isinstance(step, NetworkStep):
            raise self.lacking_verb(step)
        self._refuse(step, scenario)
        lines = _TRANSLATORS[type(step)](self, step, scenario)
        variables = {**credentials(scenario), **self._variables(step, scenario)}
        return tuple(replace(self._uncached(step, line), environment=variables) for line in lines)

    def _refuse(self, step: NetworkStep, scenario: Scenario) -> None:
        for what, value in (
            ("offline mode", step.offline),
            ("way to revalidate its cache", step.refresh),
            ("reinstall", step.reinstall),
            ("--no-sources", step.no_sources and not isinstance(step, Install)),
            ("--no-deps", step.no_deps),
            ("index strategies", step.index_strategy),
            ("platform other than this one", step.python_platform),
            ("pre-releases of every project", admits_prereleases(step, scenario)),
            (
                "resolution to the lowest releases",
                resolution_of(step, scenario) not in (None, "highest"),
            ),
            ("links into its cache", links_into_cache(scenario)),
        ):
            if value:
                self.demand(what)

    def _variables(self, step: NetworkStep, scenario: Scenario) -> dict[str, str]:
        variables = self._cutoff(step, scenario)
        if step.no_binary:
            variables["POETRY_INSTALLER_NO_BINARY"] = comma_list(step.no_binary)
        if step.no_build:
            self.demand("installer.only-binary")
            variables["POETRY_INSTALLER_ONLY_BINARY"] = comma_list(step.no_build)
        return variables

    def _cutoff(self, step: NetworkStep, scenario: Scenario) -> dict[str, str]:
        """Return the variable that excludes files uploaded after a given time."""
        moment = cutoff_of(step, scenario)
        if moment is None:
            return {}
        age = age_of(moment)
        if age is None:
            raise self.lacking("exclude-newer by a date: it knows only ages")
        self.demand("solver.min-release-age")
        if age % timedelta(days=1):
            self.demand("exclude-newer by an age that is not a number of days")
        return {"POETRY_SOLVER_MIN_RELEASE_AGE": str(age.days)}

    def _uncached(self, step: NetworkStep, line: CommandLine) -> CommandLine:
        return replace(line, arguments=("--no-cache", *line.arguments)) if step.no_cache else line

    def _install(self, step: Install, scenario: Scenario) -> list[CommandLine]:
        """Return the commands that write the venv's project, lock it and install it."""
        project = venv_project(step, scenario, self)
        if project.is_new:
            step = step.model_copy(update={"upgrade": True})
        first, *others = self._locking(step, always=project.is_changed)
        files = self.project_files(project.written(step, scenario))
        return [replace(first, files=files), *others, CommandLine(("install",))]

    def _lock(self, step: Lock, scenario: Scenario) -> list[CommandLine]:  # noqa: ARG002
        if step.locked and step.upgrade:
            self.demand("check of its lockfile for newer releases")
        return [CommandLine(_CHECK)] if step.locked else self._locking(step, always=True)

    def _locking(self, step: NetworkStep, *, always: bool = False) -> list[CommandLine]:
        keeps = () if self.has(PROJECT_TABLE) else ("--no-update",)
        anew = ("--regenerate",) if self.has(PROJECT_TABLE) else ()
        if step.upgrade is True:
            return [CommandLine(("lock", *anew))]
        lock = CommandLine(("lock", *keeps), unless=None if always else _CHECK)
        if step.upgrade:
            return [lock, CommandLine(("update", "--lock", *step.upgrade))]
        return [lock]

    def _sync(self, step: Sync, scenario: Scenario) -> list[CommandLine]:  # noqa: ARG002
        verb = ("sync",) if self.has(PROJECT_TABLE) else ("install", "--sync")
        verb = ("install",) if step.inexact else verb
        chosen = (*named("--extras", step.extras), *named("--with", step.groups))
        sync = CommandLine((*verb, *chosen))
        if step.locked:
            return [CommandLine(_CHECK), sync]
        return [sync] if step.frozen else [*self._locking(step), sync]

    def _run(self, step: Run, scenario: Scenario) -> list[CommandLine]:
        program = CommandLine(("run", "python", "-c", import_program(step)))
        return [*self._sync(step, scenario), program]

    def _add(self, step: Add, scenario: Scenario) -> list[CommandLine]:
        before, parts = [], []
        if step.index:
            name = index_name(scenario, step.index)
            url = written_url(scenario, step.index, with_login=False)
            if step.index not in project_indexes(scenario):
                priority = "--priority=supplemental"
                before = [CommandLine(("source", "add", priority, name, url))]
            parts += ["--source", name]
        if step.optional:
            self.demand("add to an extra that is locked with it")
            parts += ["--optional", step.optional]
        parts += ["--group", step.group] if step.group else []
        path = step.editable or step.path
        parts += ["--editable"] if step.editable else []
        added = (f"../{path}",) if path else step.requirements
        lines = [*before, CommandLine(("add", *parts, *added))]
        # A requirement that is added to an extra is locked, but not installed.
        after = ("install", "--extras", step.optional) if step.optional else ()
        return [*lines, CommandLine(after)] if after else lines

    def _remove(self, step: Remove, scenario: Scenario) -> list[CommandLine]:  # noqa: ARG002
        if step.optional:
            self.demand("remove from an extra")
        group = ("--group", step.group) if step.group else ()
        return [CommandLine(("remove", *group, *step.projects))]

    def _clear_cache(self, step: ClearCache) -> CommandLine:
        if step.projects:
            self.demand("way to clear what it stored of one project in every version")
        return CommandLine(("cache", "clear", "--all", "--no-interaction", "."))

    def environment(
        self,
        step: InstallerStep,
        venv: Path,
        python: Path,  # noqa: ARG002
        cache: Path,
    ) -> Mapping[str, str]:
        """Return the variables that set the locations of the cache and the venv."""
        common = {
            "POETRY_CACHE_DIR": str(cache / "pypoetry"),
            "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        }
        return common | ({"VIRTUAL_ENV": str(venv)} if step.venv else {})

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries in the cache that match a query."""
        return poetry_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in ``poetry.lock``, keyed by project."""
        return read_poetry_lock(folder / self.lockfile_name, PYPI)


def _needs_builds(scenario: Scenario) -> bool:
    """Return whether the scenario has a local project, or a release that has only sdists."""
    releases = (
        release
        for index in scenario.indexes.values()
        for versions in index.packages.values()
        for release in versions.values()
    )
    only_sdists = any(
        release.files and all(file.kind == "sdist" for file in release.files)
        for release in releases
    )
    return only_sdists or bool(scenario.local_projects)


_TRANSLATORS: Final[Mapping[type, Callable[[PoetryDialect, Any, Scenario], list[CommandLine]]]] = {
    Install: PoetryDialect._install,
    Lock: PoetryDialect._lock,
    Sync: PoetryDialect._sync,
    Run: PoetryDialect._run,
    Add: PoetryDialect._add,
    Remove: PoetryDialect._remove,
}


class PoetryAdapter(CommandAdapter):
    """The adapter for Poetry 1.8 and later."""

    dialect_class = PoetryDialect
