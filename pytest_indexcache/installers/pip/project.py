"""Write a scenario's project as requirements files, so that pip does not have to build it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import tomli_w
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.installers.commands.command_lines import lines, named
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    is_explicit,
    project_indexes,
)
from pytest_indexcache.installers.pip.options import indexes_of_project
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.project import Source
from pytest_indexcache.scenario.tables.steps import Publish

REQUIREMENTS: Final = "requirements.txt"
CONSTRAINTS: Final = "constraints.txt"
PROJECT: Final = "pyproject.toml"
BUILDS: Final = "builds by a backend within the project (backend-path)"


@dataclass(frozen=True, slots=True)
class Choice:
    """Extras and dependency groups that are installed together and locked in one file."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def lockfile(self) -> str:
        """The name of the lockfile (PEP 751): ``pylock.toml`` or ``pylock.NAME.toml``."""
        names = [*sorted(self.extras), *(f"group-{group}" for group in sorted(self.groups))]
        return f"pylock.{'-'.join(names)}.toml" if names else "pylock.toml"

    @property
    def files(self) -> tuple[str, ...]:
        """The requirements files to install from; the file for an extra includes the main file."""
        return tuple(extra_file(extra) for extra in self.extras) or (REQUIREMENTS,)

    @property
    def all_files(self) -> tuple[str, ...]:
        """The main requirements file, and the requirements file for each of the extras."""
        return (REQUIREMENTS, *map(extra_file, self.extras))


def extra_file(extra: str) -> str:
    """Return the name of the requirements file for an extra."""
    return f"requirements-{extra}.txt"


def is_own_project(scenario: Scenario) -> bool:
    """Return whether the scenario has a verbatim project file for pip, so that pip builds it."""
    return "pip" in scenario.project_files


def targets(scenario: Scenario, choice: Choice) -> tuple[str, ...]:
    """Return the arguments that select the requirements for a choice of extras and groups."""
    groups = named("--group", choice.groups)
    if is_own_project(scenario):
        extras = f"[{','.join(choice.extras)}]" if choice.extras else ""
        return ("--editable", f".{extras}", *groups)
    return (*named("--requirement", choice.files), *groups)


def sources_of(scenario: Scenario, choice: Choice) -> tuple[str, ...]:
    """Return the input files from which the lockfile for a choice of extras and groups is made."""
    if is_own_project(scenario):
        return (PROJECT,)
    found = [*choice.all_files, *([CONSTRAINTS] if scenario.project.constraints else [])]
    return (*found, *([PROJECT] if choice.groups else []))


def has_outer_paths(scenario: Scenario, folder: str) -> bool:
    """Return whether the source of any dependency is a folder outside the project's ``folder``.

    pip cannot lock such a project: releases 26.1 and 26.3 exit with a traceback.
    """
    sources = (source for many in scenario.sources.values() for source in many)
    return any(source.path and not f"{source.path}/".startswith(f"{folder}/") for source in sources)


def requirement_files(scenario: Scenario, dialect: Dialect) -> Mapping[str, str]:
    """Return the files that describe the project to pip, as a mapping from filenames to contents.

    :raises CapabilityError: if the release does not support something in the project
    """
    project = scenario.project
    _refuse(scenario, dialect)
    options = indexes_of_project(dialect, scenario)
    files = {REQUIREMENTS: lines((*_option_lines(options), *_own_lines(scenario)))}
    for extra, texts in project.optional_dependencies.items():
        first = f"-r {REQUIREMENTS}"
        files[extra_file(extra)] = lines((first, *_placed(scenario, texts, extra=extra)))
    if project.constraints:
        files[CONSTRAINTS] = lines(project.constraints)
    if project.dependency_groups:
        dialect.demand("dependency groups")
        groups = {name: list(texts) for name, texts in project.dependency_groups.items()}
        files[PROJECT] = tomli_w.dumps({"dependency-groups": groups})
    return files


def _own_lines(scenario: Scenario) -> list[str]:
    constraints = [f"-c {CONSTRAINTS}"] if scenario.project.constraints else []
    return [*constraints, *_placed(scenario, scenario.project.dependencies)]


def _refuse(scenario: Scenario, dialect: Dialect) -> None:
    sources = [(name, source) for name, many in scenario.sources.items() for source in many]
    in_groups = {
        canonicalize_name(Requirement(text).name)
        for texts in scenario.project.dependency_groups.values()
        for text in texts
    }
    for what, value in (
        ("overrides", scenario.project.overrides),
        ("environments of a project", scenario.project.environments),
        ("required-environments of a project", scenario.project.required_environments),
        (BUILDS, any(source.path for _, source in sources)),
        (
            "editable installs by build backends (PEP 660)",
            any(source.editable for _, source in sources),
        ),
        (
            "index that serves only some projects (explicit)",
            any(is_explicit(scenario, source.index) for _, source in sources if source.index),
        ),
        (
            "index for one project that other indexes have, too",
            any(_is_elsewhere(scenario, name, source) for name, source in sources),
        ),
        (
            "path or URL for a project of a dependency group",
            any(source.index is None and name in in_groups for name, source in sources),
        ),
    ):
        if value:
            dialect.demand(what)


def _is_elsewhere(scenario: Scenario, name: str, source: Source) -> bool:
    """Return whether a project whose source is an index can also be found on another index."""
    if source.index is None:
        return False
    project = canonicalize_name(name)
    holders = {
        index
        for index in project_indexes(scenario)
        if project in map(canonicalize_name, scenario.indexes[index].packages)
    }
    published = (step for step in scenario.steps if isinstance(step, Publish))
    holders |= {
        change.index for change in published if canonicalize_name(change.project) == project
    }
    return bool(holders - {source.index})


def _option_lines(options: Iterable[str]) -> Iterator[str]:
    """Yield one line of a requirements file for each option and its value."""
    line = ""
    for part in options:
        if part.startswith("--"):
            yield from [line] if line else []
            line = part
        else:
            line = f"{line} {part}"
    yield from [line] if line else []


def _placed(scenario: Scenario, texts: Iterable[str], extra: str | None = None) -> list[str]:
    """Return the requirements, each with the path or URL that is its project's source, if any."""
    return [line for text in texts for line in _at_its_place(scenario, text, extra)]


def _at_its_place(scenario: Scenario, text: str, extra: str | None) -> Iterator[str]:
    requirement = Requirement(text)
    many = scenario.sources.get(canonicalize_name(requirement.name), ())
    found = [other for other in many if other.group is None and other.extra in (None, extra)]
    for source in found:
        conditions = [
            f"({condition})" for condition in (requirement.marker, source.marker) if condition
        ]
        marker = f" ; {' and '.join(conditions)}" if conditions else ""
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        if source.path is not None:
            yield f"{'-e ' if source.editable else ''}../{source.path}{extras}{marker}"
        elif source.url is not None:
            yield f"{requirement.name}{extras} @ {source.url}{marker}"
        else:
            yield f"{requirement.name}{extras}{requirement.specifier}{marker}"
    if not found:
        yield text
