"""A scenario as a frozen value: indexes, a project, and the steps to be played."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pytest_indexcache.scenario.tables.fields import (
    ByProject,
    InnerPath,
    Label,
    Line,
    LocalFilePath,
    Many,
    OwnText,
    PythonVersion,
    SpecifierText,
    Table,
    WebUrl,
    release_of,
)
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.project import (
    Access,
    CacheControl,
    LocalFile,
    LocalProject,
    Project,
    Sources,
)
from pytest_indexcache.scenario.tables.steps import (
    AnyStep,
    Edit,
    Publish,
    Replace,
    Step,
    Together,
)
from pytest_indexcache.scenario.words import limits


def step_number(place: tuple[str | int, ...]) -> int:
    """Return the number (from 1) of the step that contains a key path in the file."""
    return int(place[1]) + 1


class Scenario(Table):
    """One scenario: indexes, a project, and steps with their expectations."""

    title: Line = Field(min_length=1, pattern=r"\S")
    """The bug, in one sentence."""
    issue: WebUrl | None = None
    """The URL of the report."""
    tags: Many[Label] = ()
    """Words for selecting scenarios with ``-m``."""
    description: str = ""
    """Background information for readers."""
    affected: dict[Label, SpecifierText] = {}
    """The installers that are known to have the bug, and the affected releases of each one."""
    sometimes: dict[Label, SpecifierText] = {}
    """The installers that show the bug only in some plays, by chance, and the affected releases."""
    bug: dict[Label, WebUrl] = {}
    """For each installer, the URL of the bug report in its own issue tracker, if there is one."""
    fixed_by: dict[Label, WebUrl] = {}
    """For each installer, the URL of the change, release or report that describes the fix."""
    measured: dict[Label, Line] = {}
    """For each installer, the releases that have played this scenario, and the date."""
    variants: dict[Label, Annotated[int, Field(ge=1)]] = {}
    """For each variant of the reference installer with the bug, the step that reveals the bug."""
    indexes: dict[Label, Index] = Field(default={}, max_length=limits.INDEXES)
    """The fake indexes, keyed by name."""
    project: Project = Project()
    """The project in the workspace."""
    sources: Sources = {}
    """The sources for projects that do not come from the default index."""
    cache_control: dict[Line, CacheControl] = {}
    """The user's overrides for Cache-Control, keyed by the name of the index."""
    access: dict[Line, Access] = {}
    """The user's login and URL for an index, keyed by the name of the index."""
    local_projects: ByProject[LocalProject] = {}
    """Local projects in the workspace, keyed by name."""
    local_files: dict[LocalFilePath, LocalFile] = {}
    """Wheels and sdists in the workspace, keyed by path."""
    files: dict[InnerPath, OwnText] = {}
    """Other files in the workspace, as verbatim text keyed by path."""
    project_files: dict[Label, OwnText] = {}
    """Project files for individual installers, as verbatim text keyed by installer."""
    python: PythonVersion | None = None
    """The Python version, such as ``3.12`` or ``3.12.1``; by default that of the running Python."""
    steps: Many[Step] = Field(min_length=1, max_length=limits.STEPS)
    """The steps, in the order in which they are played."""

    @property
    def explicit_indexes(self) -> frozenset[str]:
        """The names of the indexes that are used only for projects whose source names the index."""
        sources = [source for many in self.sources.values() for source in many]
        return frozenset(source.index for source in sources if source.explicit and source.index)

    @property
    def default_index(self) -> str | None:
        """The name of the default index, or None if there is no default index.

        The default index is the one that is marked as such, or else the one at pypi.org, or else
        the only index that is not explicit.
        """
        for name, index in self.indexes.items():
            if index.default:
                return name
        pypi = [
            n for n, i in self.indexes.items() if i.url.rstrip("/") == "https://pypi.org/simple"
        ]
        if pypi:
            return pypi[0]
        others = [name for name in self.indexes if name not in self.explicit_indexes]
        return others[0] if len(others) == 1 else None

    def login_of(self, index: str) -> tuple[str, str] | None:
        """Return the user name and password that installers send to an index.

        The result is None if they do not send any.
        """
        access = self.access.get(index)
        if access is not None and access.user is not None:
            return (access.user, access.password or "") if access.user else None
        return next(iter(self.indexes[index].users.items()), None)

    @property
    def served_urls(self) -> Iterator[str]:
        """All URLs from which indexes serve pages and files at some point in the scenario."""
        for index in self.indexes.values():
            yield from index.urls
        for step in self.steps:
            if isinstance(step, Publish | Replace):
                yield from step.contents.urls

    @property
    def every_step(self) -> Iterator[tuple[tuple[str | int, ...], AnyStep]]:
        """Every step with its key path in the file; a ``together`` step precedes its members."""
        for number, step in enumerate(self.steps):
            yield ("steps", number), step
            members = step.members if isinstance(step, Together) else ()
            places = {
                (started.position, started.step.folder, started.step.venv): started
                for started in members
            }
            for member in places.values():
                yield ("steps", number, "together", member.position), member.step

    @property
    def with_edits(self) -> Iterator[tuple[tuple[str | int, ...], Scenario | Edit]]:
        """The scenario itself and each ``edit`` step, with its key path in the file."""
        yield (), self
        for number, step in enumerate(self.steps):
            if isinstance(step, Edit):
                yield ("steps", number), step

    @property
    def file_paths(self) -> Iterator[str]:
        """The paths of all verbatim files, including those that are added by steps."""
        yield from self.files
        for step in self.steps:
            if isinstance(step, Edit):
                yield from step.files

    @property
    def project_names(self) -> Iterator[str]:
        """The names of all projects in the scenario and its steps, including local projects."""
        for _, holder in self.with_edits:
            yield holder.project.name
            yield from holder.local_projects
            yield from (release_of(path).project for path in holder.local_files)
        for index in self.indexes.values():
            yield from index.packages
        yield from (step.project for step in self.steps if isinstance(step, Publish))
