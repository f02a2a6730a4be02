"""Decide which installers can play a scenario.

An installer uses the project file that the scenario contains for it, or else the neutral project.
If parts of a scenario are only for other installers, the scenario is skipped, because without these
parts it would be a different scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from pytest_indexcache.scenario.commands import owner_of
from pytest_indexcache.scenario.model import Scenario, step_number
from pytest_indexcache.scenario.tables.project import Project
from pytest_indexcache.scenario.tables.steps import AnyStep, Command, Edit, InstallerStep

_REQUIRING: Final = frozenset({"dependencies", "optional_dependencies", "dependency_groups"})
"""Keys of ``[project]`` that declare requirements, even if their value is empty."""

_FILES_OF: Final = {
    f"{name}{suffix}": name for name in ("uv", "poetry", "pdm") for suffix in (".toml", ".lock")
}
"""For each filename, the only installer that reads the file."""


def why_not_for(scenario: Scenario, installer: str) -> str:
    """Return the reason why an installer cannot play a scenario; empty if it can play it."""
    return next(_reasons(scenario, installer), "")


def step_for_nobody(scenario: Scenario) -> tuple[int, Mapping[str, str]] | None:
    """Return the first step that no installer can reach and play, with a reason for each installer.

    The step is given by its position. Only installers that the scenario names are considered. The
    result is None if at least one of them can play the whole scenario.
    """
    names = ("", *sorted(_named(scenario)))
    if not all(why_not_for(scenario, name) for name in names):
        return None
    for position in range(len(scenario.steps)):
        begun = scenario.model_copy(update={"steps": scenario.steps[: position + 1]})
        reasons = {name: why_not_for(begun, name) for name in names}
        if all(reasons.values()):
            return position, {name: reason for name, reason in reasons.items() if name}
    return None


def _named(scenario: Scenario) -> set[str]:
    """Return the installers that a scenario names, or for which it contains files."""
    names, files = set(scenario.project_files), list(scenario.files)
    for _, step in scenario.every_step:
        if isinstance(step, InstallerStep):
            names |= _owners(step)
            names |= set(step.release) if isinstance(step.release, dict) else set()
        if isinstance(step, Command):
            names |= set(step.command)
        elif isinstance(step, Edit):
            names |= set(step.project_files)
            files += step.files
    owners = (_FILES_OF.get(PurePosixPath(path).name) for path in files)
    return names | {owner for owner in owners if owner}


def has_own_words(scenario: Scenario, installer: str) -> bool:
    """Return whether a scenario contains project files or configuration for one installer."""
    owners = (_FILES_OF.get(PurePosixPath(path).name) for path in scenario.files)
    return installer in scenario.project_files or installer in owners


def own_words(scenario: Scenario) -> str:
    """Return the name of the first verbatim part of a scenario; empty if it has none.

    Verbatim parts are command lines, project files and other files. This package writes everything
    else, such as indexes, the neutral project and local projects.
    """
    return next(_own_words(scenario), "")


def _own_words(scenario: Scenario) -> Iterator[str]:
    yield from (f"a project file of its own (project-files.{it})" for it in scenario.project_files)
    yield from (f"a file of its own ({path})" for path in scenario.files)
    for place, step in scenario.every_step:
        number = step_number(place)
        if isinstance(step, Command):
            yield f"a command line of its own (step {number})"
        elif isinstance(step, InstallerStep) and step.env:
            yield f"variables of its own (step {number})"
        elif isinstance(step, Edit) and (step.project_files or step.files):
            yield f"a file of its own (step {number})"


def _reasons(scenario: Scenario, installer: str) -> Iterator[str]:
    has_own_file = installer in scenario.project_files
    if scenario.project_files and not has_own_file and not _is_neutral(scenario.project):
        yield f"its project file is only for {_all(scenario.project_files)} (project-files)"
    yield from _own_files("", scenario.files, installer)
    for place, step in scenario.every_step:
        number = step_number(place)
        if isinstance(step, Edit):
            yield from _of_edit(number, step, installer, has_own_file=has_own_file)
            has_own_file = has_own_file or installer in step.project_files
        else:
            yield from _of_command(number, step, installer)
            yield from _of_release(number, step, installer)
            yield from _of_variables(number, step, installer)


def _of_variables(number: int, step: AnyStep, installer: str) -> Iterator[str]:
    owners = _owners(step) if isinstance(step, InstallerStep) else set()
    if owners and installer not in owners:
        yield f"step {number} sets only variables of {_all(owners)} (env)"


def _owners(step: InstallerStep) -> set[str]:
    """Return the installers whose variables a step sets."""
    return {owner for owner in map(owner_of, step.env) if owner}


def _of_command(number: int, step: AnyStep, installer: str) -> Iterator[str]:
    if isinstance(step, Command) and installer not in step.command:
        yield f"step {number} is a command line only for {_all(step.command)}"


def _of_release(number: int, step: AnyStep, installer: str) -> Iterator[str]:
    release = step.release if isinstance(step, InstallerStep) else None
    if isinstance(release, dict) and installer not in release:
        yield f"step {number} names another release only for {_all(release)}"


def _of_edit(number: int, step: Edit, installer: str, *, has_own_file: bool) -> Iterator[str]:
    yield from _own_files(f"step {number}: ", step.files, installer)
    if installer in step.project_files:
        return
    changes = step.project.model_fields_set or step.sources is not None or step.access
    is_neutral = bool(changes)
    if step.project_files and (has_own_file or not is_neutral):
        yield (
            f"step {number} changes only the project file of {_all(step.project_files)} "
            "(project-files)"
        )
    elif is_neutral and has_own_file:
        yield (
            f"step {number} changes the neutral project, and {installer} has a project file of "
            f"its own: also set project-files.{installer} in the step"
        )


def _own_files(place: str, files: Iterable[str], installer: str) -> Iterator[str]:
    """Yield a reason if some files are for other installers, but no file is for this installer."""
    owners = {path: _FILES_OF.get(PurePosixPath(path).name) for path in files}
    others = {path: owner for path, owner in owners.items() if owner is not None}
    if others and installer not in others.values():
        yield f"{place}{next(iter(others))} is only for {_all(others.values())}"


def _is_neutral(project: Project) -> bool:
    """Return whether a project declares its requirements in a form that suits every installer."""
    return bool(_REQUIRING & project.model_fields_set)


def _all(installers: Iterable[str | None]) -> str:
    return " and ".join(sorted({name for name in installers if name}))
