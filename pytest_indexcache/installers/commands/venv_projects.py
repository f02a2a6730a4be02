"""Play ``install`` by making a project for the venv, for installers that only install projects."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.installers.commands.dialect import PROJECT_VERBS, Dialect
from pytest_indexcache.installers.commands.locks.universal_locks import required_projects
from pytest_indexcache.installers.commands.step_states import place_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import extras_of, without_extras
from pytest_indexcache.scenario.tables.project import Project, Source
from pytest_indexcache.scenario.tables.steps import (
    Compile,
    Install,
    InstallerStep,
    PruneCache,
    RemoveVenv,
    SyncRequirements,
    Together,
    Uninstall,
)

BESIDE_PROJECT: Final = "install beside a project of the same folder"
AT_ONCE: Final = "install at once with another of the same folder"
FOLDERS: Final = "install of a file, or of a folder that is not a local project"
LINKS: Final = "folder of files for find-links"
FILES: Final = "install of a requirements file"
SETTINGS: Final = "config settings of an install"
HASHES: Final = "install that demands hashes of its requirements"
ALONE: Final = "uninstall of less than a project and what only it requires"

ABSENT_VERBS: Final[Mapping[type, str]] = {
    Compile: "compile",
    SyncRequirements: "sync of requirements files",
    PruneCache: "prune of its cache",
}
"""The verbs that PDM and Poetry do not have, mapped to the names of the missing capabilities."""


@dataclass(frozen=True)
class _Wanted:
    """A requirement of a :class:`VenvProject`.

    ``source`` is the source of the required project, and ``indexes`` are the indexes that may
    provide it.
    """

    text: str
    source: Source | None
    indexes: tuple[str, ...]


@dataclass(frozen=True)
class VenvProject:
    """A project that stands for a venv: it depends on everything to be installed there.

    ``is_new`` is true if the lockfile must be made from scratch, because the venv is new or an
    index is no longer used. ``is_changed`` is true if the step adds or changes a requirement.
    """

    wanted: dict[str, _Wanted] = field(default_factory=dict)
    is_new: bool = True
    is_changed: bool = True

    @property
    def names(self) -> frozenset[str]:
        """The names of the required projects."""
        return frozenset(self.wanted)

    def written(self, step: Install, scenario: Scenario) -> Scenario:
        """Return a copy of the scenario in which this project replaces the scenario's project."""
        own = _indexes(step, scenario)
        names = [*own[1:], *(index for wanted in self.wanted.values() for index in wanted.indexes)]
        tables = {
            name: scenario.indexes[name].model_copy(update={"default": name in own[:1]})
            for name in dict.fromkeys((*names, *own))
        }
        running = f"{sys.version_info.major}.{sys.version_info.minor}"
        project = Project(
            requires_python=f">={step.python or scenario.python or running}",
            dependencies=tuple(wanted.text for wanted in self.wanted.values()),
            overrides=step.overrides,
            constraints=step.constraints,
            exclude_newer=scenario.project.exclude_newer,
            prereleases=scenario.project.prereleases,
            resolution=scenario.project.resolution,
            link_mode=scenario.project.link_mode,
        )
        sources = {name: (wanted.source,) for name, wanted in self.wanted.items() if wanted.source}
        changes = {"indexes": tables, "project": project, "sources": sources, "steps": ()}
        return scenario.model_copy(update=changes)


def venv_project(step: Install, scenario: Scenario, dialect: Dialect) -> VenvProject:
    """Return a project with the requirements of a step and of all earlier installs into its venv.

    :raises CapabilityError: for a requirement that no project can express
    """
    _refuse(step, scenario, dialect)
    return _installed(_before(step, scenario), step, scenario)


def uninstalled(step: Uninstall, scenario: Scenario, dialect: Dialect) -> list[str]:
    """Return the requirements to remove from the venv's project to play ``uninstall``.

    :raises CapabilityError: if further projects would be uninstalled, or if one of the step's
        projects would stay installed
    """
    if _has_project(step, scenario):
        dialect.demand(BESIDE_PROJECT)
    wanted = _before(step, scenario).wanted
    named = {canonicalize_name(name) for name in step.projects}
    direct = [name for name in wanted if name in named]
    kept = [wanted_project.text for name, wanted_project in wanted.items() if name not in named]
    alone = required_projects(scenario, [wanted[name].text for name in direct])
    if not direct or alone - required_projects(scenario, kept) != named:
        dialect.demand(ALONE)
    return direct


def _refuse(step: Install, scenario: Scenario, dialect: Dialect) -> None:
    for what, value in (
        (BESIDE_PROJECT, _has_project(step, scenario)),
        (AT_ONCE, _shares_folder(step, scenario)),
        (LINKS, any(place not in scenario.indexes for place in step.find_links)),
        (FILES, step.requirements_files or step.constraints_files),
        (SETTINGS, step.config_settings),
        (HASHES, step.require_hashes),
        (FOLDERS, not all(_local(path, scenario) for path in (*step.paths, *step.editable))),
    ):
        if value:
            dialect.demand(what)


def _has_project(step: InstallerStep, scenario: Scenario) -> bool:
    others = (
        other_step for _, other_step in scenario.every_step if isinstance(other_step, PROJECT_VERBS)
    )
    return any(other.folder == step.folder for other in others)


def _shares_folder(step: InstallerStep, scenario: Scenario) -> bool:
    """Return whether a step runs at the same time as another step that uses the same folder."""
    for together in scenario.steps:
        steps = (
            [member.step for member in together.members] if isinstance(together, Together) else []
        )
        if any(other_step is step for other_step in steps):
            return [other_step.folder for other_step in steps].count(step.folder) > 1
    return False


def _before(step: InstallerStep, scenario: Scenario) -> VenvProject:
    """Return the venv's project as it was before a step."""
    project = VenvProject()
    for _, other in scenario.every_step:
        if other is step:
            break
        is_here = isinstance(other, InstallerStep) and place_of(other) == place_of(step)
        if isinstance(other, RemoveVenv) and is_here:
            project = VenvProject()
        elif isinstance(other, Uninstall) and is_here:
            gone = {canonicalize_name(name) for name in other.projects}
            kept = {name: wanted for name, wanted in project.wanted.items() if name not in gone}
            project = VenvProject(kept, is_new=False)
        elif isinstance(other, Install) and is_here:
            project = _installed(project, other, scenario)
    return project


def _installed(before: VenvProject, step: Install, scenario: Scenario) -> VenvProject:
    wanted = {**before.wanted, **dict(_asked(step, scenario))}
    # Poetry refuses a lockfile that names an index that no longer exists.
    has_lost = bool(_used(before.wanted) - _used(wanted))
    is_new = has_lost or (before.is_new and not before.wanted)
    return VenvProject(wanted, is_new=is_new, is_changed=wanted != before.wanted)


def _used(wanted: Mapping[str, _Wanted]) -> set[str]:
    return {name for wanted_project in wanted.values() for name in wanted_project.indexes}


def _asked(step: Install, scenario: Scenario) -> Iterator[tuple[str, _Wanted]]:
    indexes = tuple(_indexes(step, scenario))
    for text in step.requirements:
        yield canonicalize_name(Requirement(text).name), _Wanted(text, None, indexes)
    for paths, is_editable in ((step.paths, False), (step.editable, True)):
        for path in paths:
            folder = without_extras(path)
            name = canonicalize_name(_local(path, scenario) or folder)
            source = Source(path=folder, editable=is_editable)
            yield name, _Wanted(f"{name}{extras_of(path)}", source, indexes)


def _local(place: str, scenario: Scenario) -> str | None:
    """Return the name of the local project in a folder, or None if there is none."""
    folder = without_extras(place)
    found = (name for name, project in scenario.local_projects.items() if project.path == folder)
    return next(found, None)


def _indexes(step: Install, scenario: Scenario) -> list[str]:
    """Return the names of the indexes that a step uses, starting with the default index."""
    others = [*step.extra_indexes, *step.find_links]
    main = None if step.no_index else step.index or scenario.default_index
    names = [main, *others] if main is not None else [*others[-1:], *others[:-1]]
    return list(dict.fromkeys(names))
