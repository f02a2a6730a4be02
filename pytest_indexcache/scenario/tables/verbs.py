"""The steps that run an installer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields import (
    IdentifierPath,
    InnerPath,
    InstallPlace,
    Label,
    Line,
    Many,
    Moment,
    NumberedFolder,
    ProjectName,
    PythonVersion,
    RequirementsPath,
    RequirementText,
    Resolution,
    SpecifierText,
    Table,
    VariableName,
    Wait,
    seconds_of,
)
from pytest_indexcache.scenario.words import limits


class StepBase(Table):
    """The keys that every step has."""

    name: Line = ""
    """A title for use in reports."""
    wait: Wait | None = None
    """The time to let pass before the step, such as ``"1.1 s"``; by default none."""
    expect: Expectation = Expectation()
    """The expectations of the step."""

    @property
    def wait_seconds(self) -> float:
        """The time to let pass before the step, in seconds."""
        return seconds_of(self.wait) if self.wait else 0.0


AllOrSome = bool | Many[ProjectName]
"""``true`` for all projects, or an array of project names."""


class InstallerStep(StepBase):
    """A step that runs an installer."""

    release: SpecifierText | dict[Label, SpecifierText] | None = None
    """The release to run in this step; one for all installers, or as in ``{ uv = "==0.8.0" }``."""
    folder: NumberedFolder = "project"
    """The project's folder in the workspace."""
    venv: NumberedFolder | None = None
    """The venv in the workspace to use; by default the venv of the project."""
    python: PythonVersion | None = None
    """The Python version to use."""
    env: dict[VariableName, Line] = {}
    """Environment variables for installers, such as ``UV_DEFAULT_INDEX``.

    Each installer only gets the variables that belong to it.
    """
    times: Annotated[int, Field(ge=1, le=limits.AT_ONCE)] = 1
    """How many copies of this step to start if it is inside ``together``."""

    def release_of(self, installer: str) -> str | None:
        """Return the specifier for the release in this step, or None for the release under test."""
        return self.release.get(installer) if isinstance(self.release, dict) else self.release


class NetworkStep(InstallerStep):
    """A step in which the installer can send requests to an index."""

    offline: bool = False
    """Whether the installer must not use the network."""
    refresh: AllOrSome = False
    """The projects whose cached responses must be revalidated; `true` for all."""
    upgrade: AllOrSome = False
    """The projects for which the installer looks for newer releases; `true` for all."""
    reinstall: AllOrSome = False
    """The projects that are reinstalled even if they are already installed; `true` for all."""
    no_cache: bool = False
    """Whether the installer neither reads nor writes its cache."""
    no_binary: AllOrSome = False
    """The projects for which wheels must not be used; `true` for all."""
    no_build: AllOrSome = False
    """The projects for which sdists must not be built; `true` for all."""
    no_sources: bool = False
    """Whether the sources in the project file are ignored."""
    no_deps: bool = False
    """Whether to skip the dependencies of the requirements."""
    index_strategy: Literal["first-index", "unsafe-first-match", "unsafe-best-match"] | None = None
    """The way to choose between several indexes that have the same project."""
    exclude_newer: Moment | None = None
    """A point in time; files uploaded then or later are ignored. Default: as in the project."""
    prereleases: bool = False
    """Whether to treat pre-releases like other releases, and not only as a last resort."""
    resolution: Resolution | None = None
    """Which of the matching releases to choose; the project's setting by default."""
    python_platform: Label | None = None
    """The platform to resolve for, if it is not the platform of this machine."""


class Lock(NetworkStep):
    """Resolve the requirements and write the lockfile."""

    do: Literal["lock"]
    locked: bool = False
    """Whether to only check that the lockfile is up to date, and to fail if it is not."""


class Sync(NetworkStep):
    """Make the venv match the lockfile exactly; update the lockfile first if necessary."""

    do: Literal["sync"]
    extras: Many[Label] = ()
    """The extras to install."""
    groups: Many[Label] = ()
    """The dependency groups to install."""
    frozen: bool = False
    """Whether to use the lockfile without checking whether it is up to date."""
    locked: bool = False
    """Whether to fail if the lockfile is not up to date."""
    inexact: bool = False
    """Whether to keep projects in the venv that are not in the lockfile."""


class Run(Sync):
    """Sync, and then import modules with Python in the venv."""

    do: Literal["run"]  # type: ignore[assignment]
    imports: Many[IdentifierPath] = Field(default=(), alias="import")
    """The top-level modules to import; ``expect.imports`` can also contain submodules."""


class Install(NetworkStep):
    """Install requirements into the venv without a project, as ``pip install`` does."""

    do: Literal["install"]
    requirements: Many[RequirementText] = ()
    """The requirements to install."""
    editable: Many[InstallPlace] = ()
    """Folders to install in editable mode, each optionally with extras, such as ``lib[web]``."""
    paths: Many[InstallPlace] = ()
    """Folders or files to install, each optionally with extras, such as ``lib[web]``."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace all other requirements for the same project."""
    constraints: Many[RequirementText] = ()
    """Requirements that limit the version of a project but do not cause it to be installed."""
    requirements_files: Many[RequirementsPath] = ()
    """Requirements files in the project's folder, with or without hashes."""
    constraints_files: Many[RequirementsPath] = ()
    """Constraints files in the project's folder."""
    config_settings: dict[Label, Label] = {}
    """Settings for the backends that build sdists and local projects (PEP 517)."""
    index: str | None = None
    """The name of the index to use as the default index."""
    extra_indexes: Many[Line] = ()
    """The names of additional indexes, which take precedence over the default index."""
    find_links: Many[InnerPath] = ()
    """The names of flat indexes, or paths of folders in the workspace."""
    no_index: bool = False
    """Whether to use only `find-links`, and no indexes."""
    require_hashes: bool = False
    """Whether every requirement must have a hash."""


class Uninstall(InstallerStep):
    """Remove projects from the venv."""

    do: Literal["uninstall"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects to remove."""


class Add(NetworkStep):
    """Add requirements to the project, and then lock and sync."""

    do: Literal["add"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """The requirements to add."""
    index: str | None = None
    """The name of the index that the added projects come from."""
    optional: Label | None = None
    """The extra that the requirements are added to."""
    group: Label | None = None
    """The dependency group that the requirements are added to."""
    editable: InnerPath | None = None
    """The folder of a local project that is added and installed in editable mode."""
    path: InnerPath | None = None
    """The folder of a local project that is added."""


class Remove(NetworkStep):
    """Remove requirements from the project, and then lock and sync."""

    do: Literal["remove"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects to remove."""
    optional: Label | None = None
    """The extra that the requirements are removed from."""
    group: Label | None = None
    """The dependency group that the requirements are removed from."""


class Compile(NetworkStep):
    """Resolve requirements and write the result to a requirements file."""

    do: Literal["compile"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """The requirements to resolve."""
    extra_indexes: Many[Line] = ()
    """The names of additional indexes."""
    to: RequirementsPath = "requirements.txt"
    """The name of the file to write in the project's folder."""
    hashes: bool = False
    """Whether to write hashes to the file."""


class SyncRequirements(NetworkStep):
    """Make the venv match a requirements file exactly, as ``pip-sync`` does."""

    do: Literal["sync-requirements"]
    file: RequirementsPath = "requirements.txt"
    """The name of the file to read in the project's folder."""
    extra_indexes: Many[Line] = ()
    """The names of additional indexes."""
    require_hashes: bool = False
    """Whether every requirement must have a hash."""


class RemoveVenv(InstallerStep):
    """Delete the venv's folder."""

    do: Literal["remove-venv"]


class ClearCache(InstallerStep):
    """Remove cache entries, for certain projects or for all."""

    do: Literal["clear-cache"]
    projects: Many[ProjectName] = ()
    """The projects whose entries are removed; by default all projects."""


class PruneCache(InstallerStep):
    """Remove entries that are no longer needed from the installer's cache."""

    do: Literal["prune-cache"]
    ci: bool = False
    """Whether to keep only entries that are worth keeping between CI runs."""


class Command(InstallerStep):
    """A verbatim command line for an installer; it is run without a shell."""

    do: Literal["command"] = "command"
    command: dict[Label, str | Many[str]]
    """The command line for each installer, such as ``{ uv = "uv sync --extra cu12" }``."""
