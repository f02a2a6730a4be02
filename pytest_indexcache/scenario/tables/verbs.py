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
"""``true`` for every project, or the projects by name."""


class InstallerStep(StepBase):
    """A step that an installer plays."""

    release: SpecifierText | dict[Label, SpecifierText] | None = None
    """Another release of the installer to play with, or by installer: ``{ uv = "==0.8.0" }``."""
    folder: NumberedFolder = "project"
    """The project's folder in the workspace."""
    venv: NumberedFolder | None = None
    """Another venv of the same workspace; by default that of the project."""
    python: PythonVersion | None = None
    """The Python to use."""
    env: dict[VariableName, Line] = {}
    """Environment variables of installers, such as ``UV_DEFAULT_INDEX``; each gets only its own."""
    times: Annotated[int, Field(ge=1, le=limits.AT_ONCE)] = 1
    """The number of copies of this step to start, if it is in ``together``."""

    def release_of(self, installer: str) -> str | None:
        """Return the specifier of another release for an installer; None for the one that plays."""
        return self.release.get(installer) if isinstance(self.release, dict) else self.release


class NetworkStep(InstallerStep):
    """An installer's step that may ask an index."""

    offline: bool = False
    """Whether the installer must not use the network."""
    refresh: AllOrSome = False
    """Whether stored responses must be revalidated."""
    upgrade: AllOrSome = False
    """Whether to look for newer releases."""
    reinstall: AllOrSome = False
    """Whether to reinstall distributions that are already installed."""
    no_cache: bool = False
    """Whether the cache is neither read nor written."""
    no_binary: AllOrSome = False
    """Whether to use no wheels."""
    no_build: AllOrSome = False
    """Whether to build no sdists."""
    no_sources: bool = False
    """Whether the project's sources are ignored."""
    no_deps: bool = False
    """Whether dependencies are left out."""
    index_strategy: Literal["first-index", "unsafe-first-match", "unsafe-best-match"] | None = None
    """The way to choose among several indexes."""
    exclude_newer: Moment | None = None
    """A moment: files that were uploaded then or later are ignored; by default the project's."""
    prereleases: bool = False
    """Whether to accept pre-releases like other releases, not only if no other matches."""
    resolution: Resolution | None = None
    """The matching release to take; by default as the project has it."""
    python_platform: Label | None = None
    """Another platform to resolve for."""


class Lock(NetworkStep):
    """Resolve, and write the lockfile."""

    do: Literal["lock"]
    locked: bool = False
    """Whether the lockfile is only checked: one that is out of date is an error."""


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
    """Whether a lockfile that is out of date is an error."""
    inexact: bool = False
    """Whether the venv keeps projects that the lockfile does not have."""


class Run(Sync):
    """Sync, then import modules with the venv's Python."""

    do: Literal["run"]  # type: ignore[assignment]
    imports: Many[IdentifierPath] = Field(default=(), alias="import")
    """The modules, top-level only; ``expect.imports`` can name submodules."""


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
    """Requirements that replace every other one on their project."""
    constraints: Many[RequirementText] = ()
    """Requirements that narrow a version."""
    requirements_files: Many[RequirementsPath] = ()
    """Requirements files, in the project's folder; they may have hashes."""
    constraints_files: Many[RequirementsPath] = ()
    """Files of requirements that narrow a version, in the project's folder."""
    config_settings: dict[Label, Label] = {}
    """Settings for the backends that build sdists and local projects (PEP 517)."""
    index: str | None = None
    """The index to use as the default index."""
    extra_indexes: Many[Line] = ()
    """Further indexes, by name; they go before the default index."""
    find_links: Many[InnerPath] = ()
    """Flat indexes, by name, or folders of the workspace."""
    no_index: bool = False
    """Whether to use only find-links."""
    require_hashes: bool = False
    """Whether every requirement must name a hash."""


class Uninstall(InstallerStep):
    """Remove projects from the venv."""

    do: Literal["uninstall"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects."""


class Add(NetworkStep):
    """Add requirements to the project, lock and sync."""

    do: Literal["add"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """The requirements to add."""
    index: str | None = None
    """The index of the project."""
    optional: Label | None = None
    """The extra to add the requirements to."""
    group: Label | None = None
    """The dependency group to add the requirements to."""
    editable: InnerPath | None = None
    """The folder of the project, to install editable."""
    path: InnerPath | None = None
    """The folder of the project."""


class Remove(NetworkStep):
    """Remove requirements from the project, lock and sync."""

    do: Literal["remove"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects."""
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
    """Further indexes, by name."""
    to: RequirementsPath = "requirements.txt"
    """The file, in the project's folder."""
    hashes: bool = False
    """Whether the file names hashes."""


class SyncRequirements(NetworkStep):
    """Make the venv match a requirements file exactly, as ``pip-sync`` does."""

    do: Literal["sync-requirements"]
    file: RequirementsPath = "requirements.txt"
    """The file, in the project's folder."""
    extra_indexes: Many[Line] = ()
    """Further indexes, by name."""
    require_hashes: bool = False
    """Whether every requirement must name a hash."""


class RemoveVenv(InstallerStep):
    """Remove the venv's folder."""

    do: Literal["remove-venv"]


class ClearCache(InstallerStep):
    """Remove cache entries of these projects, or of all."""

    do: Literal["clear-cache"]
    projects: Many[ProjectName] = ()
    """The projects; an empty array means all."""


class PruneCache(InstallerStep):
    """Remove unneeded entries of the installer's cache."""

    do: Literal["prune-cache"]
    ci: bool = False
    """Whether to keep only the entries worth keeping between CI runs."""


class Command(InstallerStep):
    """A verbatim command line of an installer; no shell, no other executable."""

    do: Literal["command"] = "command"
    command: dict[Label, str | Many[str]]
    """The command line, by installer: ``{ uv = "uv sync --extra cu12" }``."""
