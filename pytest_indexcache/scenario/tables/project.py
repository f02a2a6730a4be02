"""The installer's side of a scenario: the project, its sources, local projects, overrides."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from pytest_indexcache.scenario.tables.fields import (
    AttributePath,
    ByExtra,
    ByProject,
    CacheControlText,
    FileUrl,
    InnerPath,
    Label,
    Line,
    LinkMode,
    Many,
    MarkerText,
    Moment,
    Password,
    ProjectName,
    RequirementText,
    Resolution,
    Scalar,
    SpecifierText,
    Table,
    UserName,
    VersionText,
    wrong_kind,
)


class Project(Table):
    """The project that is installed, in no installer's dialect."""

    name: ProjectName = "project"
    """Its name."""
    version: VersionText = "0.1.0"
    """Its version."""
    requires_python: SpecifierText | None = None
    """Requires-Python."""
    dependencies: Many[RequirementText] = ()
    """What it requires."""
    optional_dependencies: ByExtra[Many[RequirementText]] = {}
    """What each extra requires."""
    dependency_groups: ByExtra[Many[RequirementText]] = {}
    """Dependency groups (PEP 735)."""
    conflicts: Many[Many[Line]] = ()
    """Sets of extras, or of groups written ``group:dev``, of which only one can be chosen."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace every other one on their project."""
    constraints: Many[RequirementText] = ()
    """Requirements that narrow a project's version without requiring it."""
    indexes: Many[Line] | None = None
    """The indexes that the project file names, in the order in which they are asked.

    Unless given they are all that no step brings. The default one is the last; without it,
    installers ask pypi.org.
    """
    environments: Many[MarkerText] = ()
    """The environments that alone are resolved for."""
    required_environments: Many[MarkerText] = ()
    """Environments for which every project must have a file that can be installed."""
    exclude_newer: Moment | None = None
    """A moment: files that were uploaded then or later are not taken, in any step."""
    prereleases: bool = False
    """Whether pre-releases are taken like others, in every step."""
    resolution: Resolution | None = None
    """Which of the releases that will do is taken, in every step: the lowest, or the highest."""
    link_mode: LinkMode | None = None
    """How files of an installer's cache are brought into the venv; as it does unless told."""


class Source(Table):
    """Where a project comes from; exactly one of index, path and url."""

    index: Line | None = None
    """The name of an index of the scenario."""
    explicit: bool = False
    """Whether the index serves only projects whose source names it."""
    path: InnerPath | None = None
    """The folder of a local project, or a wheel or an sdist of the workspace."""
    editable: bool = False
    """Whether the path is installed editable (PEP 660)."""
    url: FileUrl | None = None
    """The URL of a wheel or an sdist."""
    extra: Label | None = None
    """The extra for which the source holds."""
    group: Label | None = None
    """The dependency group for which the source holds."""
    marker: MarkerText | None = None
    """The environments for which the source holds."""


def _one_or_many(value: Any) -> Any:
    if isinstance(value, dict | Source):
        return [value]
    if not isinstance(value, list | tuple):
        raise wrong_kind("a table or an array of tables")
    return value


Sources = ByProject[
    Annotated[
        Many[Source], BeforeValidator(_one_or_many, json_schema_input_type=Source | list[Source])
    ],
]


class CacheControl(Table):
    """The user's override of an index's Cache-Control, where an installer has one."""

    pages: CacheControlText | None = None
    """For simple pages and core metadata; uv calls it ``api``."""
    files: CacheControlText | None = None
    """For wheels and sdists."""


class Access(Table):
    """How the user reaches an index; what is not said is as the index has it."""

    user: UserName | Literal[False] | None = None
    """The user's name there; `false` for nobody. Unless given it is the first of the index's."""
    password: Password | None = None
    """The user's password there."""
    netrc: bool = False
    """Whether name and password stand in the netrc file, rather than in the URL."""
    slash: bool | None = None
    """Whether the user writes the URL with a slash at its end; as the index has it unless given."""


class LocalFile(Table):
    """A wheel or an sdist in the workspace; its name says of which project and release."""

    requires: Many[RequirementText] = ()
    """Requires-Dist."""
    requires_python: SpecifierText | None = None
    """Requires-Python."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values that the importable module has."""
    build: Line = "local"
    """The marker inside."""
    modified: Moment | None = None
    """When it was last modified: a date with its time, or such as "3 days ago".

    Unless given it is now.
    """


class LocalProject(Table):
    """A project in a folder of the workspace, built by an in-tree backend that counts builds."""

    path: InnerPath
    """Its folder, relative to the workspace."""
    version: VersionText = "0.1.0"
    """Its version."""
    is_dynamic: bool = Field(default=False, alias="dynamic")
    """Whether its build backend alone knows the version, and not its pyproject.toml."""
    requires: Many[RequirementText] = ()
    """What it requires."""
    extras: ByExtra[Many[RequirementText]] = {}
    """What each of its extras requires."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values that the importable module has."""
    build: Line | None = None
    """The marker inside; the path unless another is given."""
