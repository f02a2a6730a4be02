"""The client side of a scenario: the project, its sources, local projects and overrides."""

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
    """The project to install, in a form that does not depend on any installer's project format."""

    name: ProjectName = "project"
    """The project's name."""
    version: VersionText = "0.1.0"
    """The project's version."""
    requires_python: SpecifierText | None = None
    """The Python versions that the project supports (Requires-Python)."""
    dependencies: Many[RequirementText] = ()
    """The project's requirements."""
    optional_dependencies: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    dependency_groups: ByExtra[Many[RequirementText]] = {}
    """Dependency groups (PEP 735)."""
    conflicts: Many[Many[Line]] = ()
    """Sets of extras or groups (``group:dev``) that cannot be installed together."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace all other requirements for the same project."""
    constraints: Many[RequirementText] = ()
    """Requirements that limit the version of a project but do not cause it to be installed."""
    indexes: Many[Line] | None = None
    """The indexes that the project file lists, in the order in which installers use them.

    By default, these are all indexes except those that only a step names. The default index comes
    last. If the scenario does not have a default index, installers use pypi.org.
    """
    environments: Many[MarkerText] = ()
    """Environments to resolve for; all others are ignored."""
    required_environments: Many[MarkerText] = ()
    """Environments in which there must be an installable file for every project."""
    exclude_newer: Moment | None = None
    """A point in time; files that were uploaded then or later are ignored in every step."""
    prereleases: bool = False
    """Whether pre-releases are treated like other releases in every step."""
    resolution: Resolution | None = None
    """Whether the highest or the lowest matching release is chosen in every step."""
    link_mode: LinkMode | None = None
    """How cached files are put into the venv; by default, this is left to the installer."""


class Source(Table):
    """The place that a project comes from: exactly one of `index`, `path` and `url`."""

    index: Line | None = None
    """The name of an index in the scenario."""
    explicit: bool = False
    """Whether the index is used only for projects whose source names it."""
    path: InnerPath | None = None
    """The path of a local project's folder, or of a wheel or sdist in the workspace."""
    editable: bool = False
    """Whether the path is installed in editable mode (PEP 660)."""
    url: FileUrl | None = None
    """The URL of a wheel or sdist."""
    extra: Label | None = None
    """The extra for which this source is used."""
    group: Label | None = None
    """The dependency group for which this source is used."""
    marker: MarkerText | None = None
    """The environments in which this source is used."""


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
    """The user's override for an index's Cache-Control, for installers that support this."""

    pages: CacheControlText | None = None
    """The override for simple pages and core metadata; uv calls it ``api``."""
    files: CacheControlText | None = None
    """The override for wheels and sdists."""


class Access(Table):
    """The user's login and URL for an index; by default, those in the index's own table."""

    user: UserName | Literal[False] | None = None
    """The user name, or `false` for no login; by default the first user of the index."""
    password: Password | None = None
    """The user's password."""
    netrc: bool = False
    """Whether the user name and the password are in the netrc file and not in the URL."""
    slash: bool | None = None
    """Whether the user's URL ends with a slash; by default, it does if the index's `url` does."""


class LocalFile(Table):
    """A wheel or sdist in the workspace; the filename determines the project and the version."""

    requires: Many[RequirementText] = ()
    """The requirements of the distribution (Requires-Dist)."""
    requires_python: SpecifierText | None = None
    """The Python versions that the distribution supports (Requires-Python)."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``."""
    build: Line = "local"
    """The value of ``__build__`` in the module, which distinguishes builds of the same release."""
    modified: Moment | None = None
    """The time of the last modification: a date with a time, or an age such as "3 days ago".

    The default is the time at which the file is written.
    """


class LocalProject(Table):
    """A project in a folder in the workspace, with a build backend that logs each build."""

    path: InnerPath
    """The project's folder, relative to the workspace."""
    version: VersionText = "0.1.0"
    """The project's version."""
    is_dynamic: bool = Field(default=False, alias="dynamic")
    """Whether the version is not in pyproject.toml and is only known to the build backend."""
    requires: Many[RequirementText] = ()
    """The project's requirements."""
    extras: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``."""
    build: Line | None = None
    """The value of ``__build__`` in the module; by default the path of the folder."""
