"""Check that the venv meets the requirements of a step (the check ``satisfied``).

A requirement whose meaning is unclear is not checked, because a false alarm would be worse than an
undetected failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from pytest_indexcache.installers.commands.goals import command_goal
from pytest_indexcache.installers.contract.goals import InstallGoal
from pytest_indexcache.installers.pip.project import Choice
from pytest_indexcache.run.plays.goals.declared_project import DeclaredProject
from pytest_indexcache.run.plays.venvs.distributions import Distribution, venv_environment
from pytest_indexcache.scenario.tables.steps import (
    Add,
    Command,
    Install,
    InstallerStep,
    NetworkStep,
    Sync,
    SyncRequirements,
)


def goal_of(step: InstallerStep, installer: str) -> InstallGoal | None:
    """Return the requirements that a step should install, or None if they are unknown."""
    if isinstance(step, Command):
        return command_goal(installer, step.command.get(installer, ""))
    if isinstance(step, NetworkStep) and step.python_platform:
        return None
    if isinstance(step, Sync):
        files = Choice(step.extras).all_files if installer == "pip" else ()
        return InstallGoal(
            files=files, project=True, extras=step.extras, groups=step.groups, frozen=step.frozen
        )
    if isinstance(step, Install):
        paths = tuple(f"../{path}" for path in (*step.paths, *step.editable))
        files = step.requirements_files
        return InstallGoal(step.requirements, paths, files, overrides=step.overrides)
    if isinstance(step, Add):
        return InstallGoal(step.requirements)
    return InstallGoal(files=(step.file,)) if isinstance(step, SyncRequirements) else None


@dataclass(frozen=True)
class GoalCheck:
    """Compares the required projects with the installed ones.

    ``folder`` is the project's folder, and ``venv`` is the venv's folder. ``installed`` contains
    the distributions in the venv. ``locked`` returns the names of the projects in the lockfile.
    """

    goal: InstallGoal
    folder: Path
    venv: Path
    installed: Mapping[str, Distribution]
    locked: Callable[[], Collection[str]]

    @property
    def missing(self) -> tuple[str, ...]:
        """Short descriptions of the unmet requirements."""
        found = [text for text in map(self._problem, self._wanted()) if text]
        if self.goal.project and not found and self._environment is None:
            found.append("there is no venv")
        return tuple(dict.fromkeys(found))

    @cached_property
    def _environment(self) -> Mapping[str, str] | None:
        return venv_environment(self.venv)

    @cached_property
    def _project(self) -> DeclaredProject:
        return DeclaredProject(self.folder)

    @cached_property
    def _overrides(self) -> Mapping[str, list[Requirement]]:
        found: dict[str, list[Requirement]] = {}
        for text in (*self.goal.overrides, *self._project.overrides):
            requirement = _requirement(text)
            if requirement is not None:
                found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
        return found

    def _wanted(self) -> Iterator[Requirement]:
        """Yield the requirements that apply in the venv."""
        return filter(self._applies, self.requirements)

    @property
    def requirements(self) -> Iterator[Requirement]:
        """The requirements to check, each with its marker.

        A requirement without a version specifier is met by any version.
        """
        for asked in self._asked():
            if canonicalize_name(asked.name) not in self._project.excluded:
                for requirement in self._replaced(asked):
                    requirement.marker = asked.marker
                    yield requirement

    def _replaced(self, asked: Requirement) -> Iterator[Requirement]:
        """Yield the requirement to check instead of ``asked``, which may be ``asked`` itself.

        Nothing is yielded if the override is unclear, or if the lockfile of a ``frozen`` step does
        not contain the project.
        """
        goal, name = self.goal, canonicalize_name(asked.name)
        if name in self._overrides:
            yield from self._overridden(self._overrides[name])
        elif goal.frozen and goal.project:
            yield from [Requirement(name)] if name in self._locked else []
        elif name in self._project.with_own_source:
            yield Requirement(name)
        else:
            yield asked

    @cached_property
    def _locked(self) -> Collection[str]:
        return self.locked()

    def _overridden(self, overrides: list[Requirement]) -> Iterator[Requirement]:
        """Yield the override for a project, unless its effect is unclear.

        The effect is unclear if there are several overrides, if the override has a marker, or if
        the step is ``frozen``.
        """
        if len(overrides) == 1 and overrides[0].marker is None and not self.goal.frozen:
            yield copy(overrides[0])

    def _asked(self) -> Iterator[Requirement]:
        goal = self.goal
        if goal.project:
            yield from self._project.requirements(goal.extras, goal.groups)
        for text in goal.requirements:
            requirement = _requirement(text) or self._of_place(text)
            if requirement is not None:
                yield requirement
        for path in goal.paths:
            named = self._of_place(path)
            yield from [named] if named is not None else []
        for file in goal.files:
            yield from _of_file(self.folder / file)

    def _applies(self, requirement: Requirement) -> bool:
        """Return whether a requirement is known to apply in the venv."""
        if requirement.marker is None:
            return True
        if self._environment is None:
            return False
        try:
            return requirement.marker.evaluate(dict(self._environment))
        except (UndefinedEnvironmentName, UndefinedComparison):
            return False

    def _of_place(self, place: str) -> Requirement | None:
        """Return a requirement for the project at a path or URL, or None for an unknown project."""
        place = re.sub(r"\[[^\]]*\]$", "", place)  # extras
        filename = place.partition("#")[0].rpartition("/")[2].replace("%2B", "+")
        try:
            if filename.endswith(".whl"):
                return Requirement(parse_wheel_filename(filename)[0])
            if filename.endswith((".tar.gz", ".zip")):
                return Requirement(parse_sdist_filename(filename)[0])
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None
        name = None if "://" in place else DeclaredProject(self.folder / place).name
        return Requirement(name) if name else None

    def _problem(self, requirement: Requirement) -> str | None:
        name = canonicalize_name(requirement.name)
        found = self.installed.get(name)
        if found is None:
            return f"{name} is not installed"
        try:
            meets = requirement.specifier.contains(Version(found.version), prereleases=True)
        except InvalidVersion:
            return None
        wanted = str(requirement.specifier)
        return None if meets else f"{name} {found.version} is installed, {wanted} is asked for"


def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _of_file(file: Path) -> Iterator[Requirement]:
    """Yield the requirements in a requirements file, ignoring all other lines."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if file.suffix not in (".txt", ".in"):
        return
    for line in re.sub(r"\\\n", " ", text).splitlines():
        plain = re.sub(r"(^|\s)#.*$", "", line)
        bare = re.sub(r"\s--(?:hash|config-settings?)[= ]\S+", "", plain)
        requirement = _requirement(bare.strip())
        if requirement is not None:
            yield requirement
