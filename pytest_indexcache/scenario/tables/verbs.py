"""The verbs of an installer."""

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
    """The keys of every step."""

    name: Line = ""
    """A title for reports."""
    wait: Wait | None = None
    """The time that passes before the step: ``"1.1 s"``; by default none."""
    expect: Expectation = Expectation()
    """The expectations of the step."""

    @property
    def wait_seconds(self) -> float:
        """The seconds that pass before the step."""
        return seconds_of(self.wait) if self.wait else 0.0


AllOrSome = bool | Many[ProjectName]
"""``true`` for every project, or an array of the names of projects."""


class InstallerStep(StepBase):
    """A step that an installer plays."""

    release: SpecifierText | dict[Label, SpecifierText] | None = None
    """The release that plays this step, or one for each installer: ``{ uv = "==0.8.0" }``."""
    folder: NumberedFolder = "project"
    """The project's folder in the workspace."""
    venv: NumberedFolder | None = None
    """The venv in the workspace to use; by default the project's."""
    python: PythonVersion | None = None
    """The Python to use."""
    env: dict[VariableName, Line] = {}
    """Environment variables of installers, such as ``UV_DEFAULT_INDEX``.

    Each installer gets only its own variables.
    """
    times: Annotated[int, Field(ge=1, le=limits.AT_ONCE)] = 1
    """The number of copies of this step to start, if it is in ``together``."""

    def release_of(self, installer: str) -> str | None:
        """Return the specifier of the release for this step; None for the release under test."""
        return self.release.get(installer) if isinstance(self.release, dict) else self.release


class NetworkStep(InstallerStep):
    """An installer's step that may send requests to an index."""

    offline: bool = False
    """Whether the installer must not use the network."""
    refresh: AllOrSome = False
    """The projects whose stored responses must be revalidated; `true` for all."""
    upgrade: AllOrSome = False
    """The projects for which to look for newer releases; `true` for all."""
    reinstall: AllOrSome = False
    """The projects to reinstall even if they are already installed; `true` for all."""
    no_cache: bool = False
    """Whether the cache is neither read nor written."""
    no_binary: AllOrSome = False
    """The projects whose wheels must not be used; `true` for all."""
    no_build: AllOrSome = False
    """The projects whose sdists must not be built; `true` for all."""
    no_sources: bool = False
    """Whether the project's sources are ignored."""
    no_deps: bool = False
    """Whether dependencies are left out."""
    index_strategy: Literal["first-index", "unsafe-first-match", "unsafe-best-match"] | None = None
    """The way to choose between indexes that contain the same project."""
    exclude_newer: Moment | None = None
    """A point in time: files uploaded then or later are ignored; by default as in the project."""
    prereleases: bool = False
    """Whether to accept pre-releases like other releases, not only if no final release matches."""
    resolution: Resolution | None = None
    """Which matching release to take; by default as in the project."""
    python_platform: Label | None = None
    """The platform to resolve for, if it is not this machine's."""


class Lock(NetworkStep):
    """Resolve, and write the lockfile."""

    do: Literal["lock"]
    locked: bool = False
    """Whether to check only that the lockfile is up to date, and to fail if it is not."""


class Sync(NetworkStep):
    """Make the venv match the lockfile exactly; lock first if necessary."""

    do: Literal["sync"]
    extras: Many[Label] = ()
    """The extras to install."""
    groups: Many[Label] = ()
    """The dependency groups to install."""
    frozen: bool = False
    """Whether to use the lockfile without checking that it is up to date."""
    locked: bool = False
    """Whether to fail if the lockfile is out of date."""
    inexact: bool = False
    """Whether the venv keeps projects that the lockfile does not contain."""


class Run(Sync):
    """Sync, then import modules with the venv's Python."""

    do: Literal["run"]  # type: ignore[assignment]
    imports: Many[IdentifierPath] = Field(default=(), alias="import")
    """The top-level modules to import; ``expect.imports`` can also name submodules."""


class Install(NetworkStep):
    """Install requirements in the venv, without a project, as ``pip install`` does."""

    do: Literal["install"]
    requirements: Many[RequirementText] = ()
    """The requirements to install."""
    editable: Many[InstallPlace] = ()
    """Folders to install editable, each optionally with extras: ``lib[web]``."""
    paths: Many[InstallPlace] = ()
    """Folders or files to install, each optionally with extras: ``lib[web]``."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace all other requirements on the same project."""
    constraints: Many[RequirementText] = ()
    """Requirements that narrow a project's version without requiring it."""
    requirements_files: Many[RequirementsPath] = ()
    """Requirements files in the project's folder, with or without hashes."""
    constraints_files: Many[RequirementsPath] = ()
    """Constraints files in the project's folder."""
    config_settings: dict[Label, Label] = {}
    """Settings for the backends that build sdists and local projects (PEP 517)."""
    index: str | None = None
    """The name of the index to use as the default index."""
    extra_indexes: Many[Line] = ()
    """The names of further indexes, which take precedence over the default index."""
    find_links: Many[InnerPath] = ()
    """The names of flat indexes, or folders of the workspace."""
    no_index: bool = False
    """Whether to use only `find-links`, and no index."""
    require_hashes: bool = False
    """Whether every requirement must have a hash."""


class Uninstall(InstallerStep):
    """Remove projects from the venv."""

    do: Literal["uninstall"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects to remove."""


class Add(NetworkStep):
    """Add requirements to the project, lock and sync."""

    do: Literal["add"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """The requirements to add."""
    index: str | None = None
    """The index that the added projects come from."""
    optional: Label | None = None
    """The extra to add the requirements to."""
    group: Label | None = None
    """The dependency group to add the requirements to."""
    editable: InnerPath | None = None
    """The folder of a local project to add and install editable."""
    path: InnerPath | None = None
    """The folder of a local project to add."""


class Remove(NetworkStep):
    """Remove requirements from the project, lock and sync."""

    do: Literal["remove"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects to remove."""
    optional: Label | None = None
    """The extra to remove the requirements from."""
    group: Label | None = None
    """The dependency group to remove the requirements from."""


class Compile(NetworkStep):
    """Resolve requirements into a requirements file."""

    do: Literal["compile"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """The requirements to resolve."""
    extra_indexes: Many[Line] = ()
    """The names of further indexes."""
    to: RequirementsPath = "requirements.txt"
    """The file to write, in the project's folder."""
    hashes: bool = False
    """Whether the file contains hashes."""


class SyncRequirements(NetworkStep):
    """Make the venv match a requirements file exactly, as ``pip-sync`` does."""

    do: Literal["sync-requirements"]
    file: RequirementsPath = "requirements.txt"
    """The file to read, in the project's folder."""
    extra_indexes: Many[Line] = ()
    """The names of further indexes."""
    require_hashes: bool = False
    """Whether every requirement must have a hash."""


class RemoveVenv(InstallerStep):
    """Remove the venv's folder."""

    do: Literal["remove-venv"]


class ClearCache(InstallerStep):
    """Remove the cache entries for these projects, or for all projects."""

    do: Literal["clear-cache"]
    projects: Many[ProjectName] = ()
    """The projects whose entries are removed; by default all projects."""


class PruneCache(InstallerStep):
    """Remove unneeded entries from the installer's cache."""

    do: Literal["prune-cache"]
    ci: bool = False
    """Whether to keep only the entries worth keeping between CI runs."""


class Command(InstallerStep):
    """A verbatim command line of an installer; it is run without a shell."""

    do: Literal["command"] = "command"
    command: dict[Label, str | Many[str]]
    """The command line for each installer: ``{ uv = "uv sync --extra cu12" }``."""
