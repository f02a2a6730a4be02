"""The installer's side of a scenario: the project, its sources, local projects and overrides."""

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
    """The project to install, independent of the project format of any installer."""

    name: ProjectName = "project"
    """The project's name."""
    version: VersionText = "0.1.0"
    """The project's version."""
    requires_python: SpecifierText | None = None
    """The versions of Python that the project supports (Requires-Python)."""
    dependencies: Many[RequirementText] = ()
    """The project's requirements."""
    optional_dependencies: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    dependency_groups: ByExtra[Many[RequirementText]] = {}
    """Dependency groups (PEP 735)."""
    conflicts: Many[Many[Line]] = ()
    """Sets of extras, or of groups (``group:dev``), of which at most one can be chosen."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace all other requirements on the same project."""
    constraints: Many[RequirementText] = ()
    """Requirements that narrow a project's version without requiring it."""
    indexes: Many[Line] | None = None
    """The indexes that the project file names, in the order in which installers use them.

    By default, these are all indexes except those that a step adds. The default index comes last;
    if there is none, pypi.org is the default.
    """
    environments: Many[MarkerText] = ()
    """Environments to resolve for; all others are ignored."""
    required_environments: Many[MarkerText] = ()
    """Environments for which every project must have an installable file."""
    exclude_newer: Moment | None = None
    """A point in time: files uploaded then or later are ignored in every step."""
    prereleases: bool = False
    """Whether pre-releases are accepted like other releases, in every step."""
    resolution: Resolution | None = None
    """Which matching release to take in every step: the lowest or the highest."""
    link_mode: LinkMode | None = None
    """The method of placing cached files in the venv; by default the installer's own default."""


class Source(Table):
    """The source of a project: exactly one of index, path and url."""

    index: Line | None = None
    """The name of an index of the scenario."""
    explicit: bool = False
    """Whether the index serves only projects whose source names it."""
    path: InnerPath | None = None
    """The folder of a local project, or a wheel or an sdist in the workspace."""
    editable: bool = False
    """Whether the path is installed editable (PEP 660)."""
    url: FileUrl | None = None
    """The URL of a wheel or an sdist."""
    extra: Label | None = None
    """The extra to which the source applies."""
    group: Label | None = None
    """The dependency group to which the source applies."""
    marker: MarkerText | None = None
    """The environments to which the source applies."""


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
    """The user's override of an index's Cache-Control, for installers that support one."""

    pages: CacheControlText | None = None
    """The override for simple pages and core metadata; uv calls it ``api``."""
    files: CacheControlText | None = None
    """The override for wheels and sdists."""


class Access(Table):
    """The user's login and URL for an index; by default those in the table of the index."""

    user: UserName | Literal[False] | None = None
    """The user's name, or `false` for no login; by default the first user of the index."""
    password: Password | None = None
    """The user's password."""
    netrc: bool = False
    """Whether name and password are in the netrc file, rather than in the URL."""
    slash: bool | None = None
    """Whether the user writes the URL with a final slash; by default as in the index's `url`."""


class LocalFile(Table):
    """A wheel or an sdist in the workspace; its filename contains the project and the version."""

    requires: Many[RequirementText] = ()
    """The requirements of the distribution (Requires-Dist)."""
    requires_python: SpecifierText | None = None
    """The versions of Python that the distribution supports (Requires-Python)."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``."""
    build: Line = "local"
    """The value of ``__build__`` in the module, which distinguishes builds of a release."""
    modified: Moment | None = None
    """The time of the last change: a date with its time, or an age such as "3 days ago".

    The default is the time at which the file is written.
    """


class LocalProject(Table):
    """A project in a folder of the workspace, built by an in-tree backend that counts builds."""

    path: InnerPath
    """The project's folder, relative to the workspace."""
    version: VersionText = "0.1.0"
    """The project's version."""
    is_dynamic: bool = Field(default=False, alias="dynamic")
    """Whether the version is missing from pyproject.toml and only the build backend knows it."""
    requires: Many[RequirementText] = ()
    """The project's requirements."""
    extras: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``."""
    build: Line | None = None
    """The value of ``__build__`` in the module; by default the folder's path."""
