"""All names that a scenario defines, at any point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit, Publish
from pytest_indexcache.scenario.tables.fields import is_project_name, release_of
from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.tables.indexes import Release
from pytest_indexcache.scenario.tables.verbs import Add


@dataclass
class Vocabulary:
    """The names of everything that exists at some point in a scenario.

    ``projects`` maps each project to its versions, including local projects and the project itself.
    ``of_files`` contains the projects defined by verbatim files; they may have any version, because
    a step or a build backend may set it. ``files`` contains the filenames of wheels and sdists on
    indexes. In the workspace, ``folders`` are the folders of local projects, ``texts`` the paths of
    verbatim files, and ``local_files`` the paths of wheels and sdists. Extras and groups are
    normalised (PEP 685, PEP 735). If ``verbatim`` is true, there is a verbatim project file, which
    may define further extras and groups.
    """

    projects: dict[str, set[str]] = field(default_factory=dict)
    of_files: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    extras: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    local_files: set[str] = field(default_factory=set)
    verbatim: bool = False

    @classmethod
    def of(cls, scenario: Scenario, in_files: Iterable[str] = ()) -> Vocabulary:
        """Collect the names defined in a scenario and in its steps.

        ``in_files`` contains the project names in verbatim files, spelled as in the file.
        """
        vocabulary = cls()
        for project, version, release in _releases(scenario):
            vocabulary.projects.setdefault(project, set()).add(version)
            vocabulary.files.update(filenames(project, version, release))
        for name, version in _own_versions(scenario):
            vocabulary.projects.setdefault(name, set()).add(version)
        vocabulary.of_files = _normalised(filter(is_project_name, in_files))
        for name in vocabulary.of_files:
            vocabulary.projects.setdefault(name, set())
        for holder in (scenario, *_steps(scenario, Edit)):
            vocabulary._gather(holder)
        added = _steps(scenario, Add)
        vocabulary.extras |= _normalised(step.optional for step in added if step.optional)
        vocabulary.groups |= _normalised(step.group for step in added if step.group)
        return vocabulary

    def _gather(self, holder: Scenario | Edit) -> None:
        self.extras |= _normalised(holder.project.optional_dependencies)
        self.groups |= _normalised(holder.project.dependency_groups)
        self.folders |= {normpath(local.path) for local in holder.local_projects.values()}
        self.texts |= holder.files.keys()
        self.local_files |= {normpath(path) for path in holder.local_files}
        for path in holder.local_files:
            release = release_of(path)
            self.projects.setdefault(release.project, set()).add(str(release.version))
            self.files.add(path.rpartition("/")[2])
        self.verbatim |= bool(holder.project_files)

    def has_folder(self, folder: str) -> bool:
        """Return whether a folder contains a local project, or files that could form one."""
        folder = normpath(folder)
        return folder in self.folders or any(
            text == folder or text.startswith(f"{folder}/")
            for text in (*self.texts, *self.local_files)
        )


def _normalised(names: Iterable[str]) -> set[str]:
    return {canonicalize_name(name) for name in names}


def _steps(scenario: Scenario, kind: type[Any]) -> list[Any]:
    return [step for _, step in scenario.every_step if isinstance(step, kind)]


def _releases(scenario: Scenario) -> Iterator[tuple[str, str, Release]]:
    for index in scenario.indexes.values():
        for project, releases in index.packages.items():
            for version, release in releases.items():
                yield project, version, release
    for step in _steps(scenario, Publish):
        yield step.project, step.version, step.contents


def _own_versions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    name = scenario.project.name
    yield name, scenario.project.version
    for holder in (scenario, *_steps(scenario, Edit)):
        fields = holder.project.model_fields_set
        name = holder.project.name if "name" in fields else name
        if fields & {"name", "version"}:
            yield name, holder.project.version
        for project, local in holder.local_projects.items():
            yield project, local.version
