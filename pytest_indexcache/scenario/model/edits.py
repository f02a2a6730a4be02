"""The project in a scenario at one point in time, after edits, additions and removals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import Resolution
from pytest_indexcache.scenario.tables.project import Project, Source
from pytest_indexcache.scenario.tables.steps import Add, AnyStep, Edit, NetworkStep, Remove


def edited(scenario: Scenario, step: Edit) -> Scenario:
    """Return the scenario as it is after an ``edit`` step."""
    changes = {name: getattr(step.project, name) for name in step.project.model_fields_set}
    return scenario.model_copy(
        update={
            "project": scenario.project.model_copy(update=changes),
            "sources": scenario.sources if step.sources is None else step.sources,
            "access": {**scenario.access, **step.access},
            "local_projects": {**scenario.local_projects, **step.local_projects},
            "local_files": {**scenario.local_files, **step.local_files},
            "files": {**scenario.files, **step.files},
            "project_files": {**scenario.project_files, **step.project_files},
        }
    )


def cutoff_of(step: NetworkStep, scenario: Scenario) -> datetime | str | None:
    """Return the upload cutoff for a step: the step's own, or else that of the project.

    The cutoff is a point in time or an age, and later uploads are ignored. The result is None if
    there is no cutoff.
    """
    return scenario.project.exclude_newer if step.exclude_newer is None else step.exclude_newer


def after_step(scenario: Scenario, step: AnyStep) -> Scenario:
    """Return the scenario as it is after an installer's step has succeeded."""
    if isinstance(step, Add):
        return with_added(scenario, step)
    return with_removed(scenario, step) if isinstance(step, Remove) else scenario


def admits_prereleases(step: NetworkStep, scenario: Scenario) -> bool:
    """Return whether a step or the project says to treat pre-releases like other releases."""
    return step.prereleases or scenario.project.prereleases


def resolution_of(step: NetworkStep, scenario: Scenario) -> Resolution | None:
    """Return the resolution strategy that the step sets, or else that of the project, or None."""
    return step.resolution or scenario.project.resolution


def links_into_cache(scenario: Scenario) -> bool:
    """Return whether files in the venv are hard links or symlinks into the installer's cache."""
    return scenario.project.link_mode not in (None, "copy")


def with_added(scenario: Scenario, step: Add) -> Scenario:
    """Return the scenario after an ``add`` step has added requirements to the project."""
    project = _project_with(scenario.project, step)
    sources = dict(scenario.sources)
    for text in step.requirements:
        source = _source_of(scenario, step)
        if source is not None:
            sources[canonicalize_name(Requirement(text).name)] = (source,)
    return scenario.model_copy(update={"project": project, "sources": sources})


def _source_of(scenario: Scenario, step: Add) -> Source | None:
    if step.editable or step.path:
        return Source(path=step.editable or step.path, editable=bool(step.editable))
    if step.index:
        return Source(index=step.index, explicit=step.index in scenario.explicit_indexes)
    return None


def _project_with(project: Project, step: Add) -> Project:
    if step.optional:
        tables = _extended(project.optional_dependencies, step.optional, step.requirements)
        return project.model_copy(update={"optional_dependencies": tables})
    if step.group:
        tables = _extended(project.dependency_groups, step.group, step.requirements)
        return project.model_copy(update={"dependency_groups": tables})
    together = _joined(project.dependencies, step.requirements)
    return project.model_copy(update={"dependencies": together})


def _extended(
    tables: Mapping[str, Sequence[str]], name: str, requirements: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    return {
        **{k: tuple(v) for k, v in tables.items()},
        name: _joined(tables.get(name, ()), requirements),
    }


def _joined(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return (*_lacking(old, [Requirement(text).name for text in new]), *new)


def _lacking(requirements: Sequence[str], projects: Sequence[str]) -> tuple[str, ...]:
    unwanted = {canonicalize_name(name) for name in projects}
    return tuple(
        text for text in requirements if canonicalize_name(Requirement(text).name) not in unwanted
    )


def with_removed(scenario: Scenario, step: Remove) -> Scenario:
    """Return the scenario after a ``remove`` step has removed requirements from the project."""
    project, projects = scenario.project, step.projects
    if step.optional:
        tables = dict(project.optional_dependencies)
        tables[step.optional] = _lacking(tables.get(step.optional, ()), projects)
        return scenario.model_copy(
            update={"project": project.model_copy(update={"optional_dependencies": tables})}
        )
    if step.group:
        tables = dict(project.dependency_groups)
        tables[step.group] = _lacking(tables.get(step.group, ()), projects)
        return scenario.model_copy(
            update={"project": project.model_copy(update={"dependency_groups": tables})}
        )
    rest = _lacking(project.dependencies, projects)
    return scenario.model_copy(
        update={"project": project.model_copy(update={"dependencies": rest})}
    )
