"""The verbs of an installer: what it is asked to do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pytest_indexcache.scenario.tables import limits
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


class StepBase(Table):
    """What every step has."""

    name: Line = ""
    """A title for reports."""
    wait: Wait | None = None
    """The time that passes before the step: ``"1.1 s"``; nothing waits unless it is given."""
    expect: Expectation = Expectation()
    """What is expected of it."""

    @property
    def wait_seconds(self) -> float:
        """The seconds that pass before the step."""
        return seconds_of(self.wait) if self.wait else 0.0


AllOrSome = bool | Many[ProjectName]
"""``true`` for every project, or the projects by name."""


class InstallerStep(StepBase):
    """A step that an installer plays."""

    release: SpecifierText | dict[Label, SpecifierText] | None = None
    """Another release of the installer that plays, or by installer: ``{ uv = "==0.8.0" }``."""
    folder: NumberedFolder = "project"
    """The project's folder in the workspace."""
    venv: NumberedFolder | None = None
    """Another venv of the same workspace; the project's own unless given."""
    python: PythonVersion | None = None
    """The Python used."""
    env: dict[VariableName, Line] = {}
    """Variables of installers' own, such as ``UV_DEFAULT_INDEX``; each is given its own."""
    times: Annotated[int, Field(ge=1, le=limits.AT_ONCE)] = 1
    """How often it begins at once, as one of the steps of ``together``."""

    def release_of(self, installer: str) -> str | None:
        """Return the specifier of another release of an installer; None for the one that plays."""
        return self.release.get(installer) if isinstance(self.release, dict) else self.release


class NetworkStep(InstallerStep):
    """An installer's step that may ask an index."""

    offline: bool = False
    """Whether the installer may not use the network."""
    refresh: AllOrSome = False
    """Whether what is stored must be revalidated."""
    upgrade: AllOrSome = False
    """Whether newer releases are looked for."""
    reinstall: AllOrSome = False
    """Whether what is installed already is installed again."""
    no_cache: bool = False
    """Whether the cache is neither read nor written."""
    no_binary: AllOrSome = False
    """Whether wheels are not used."""
    no_build: AllOrSome = False
    """Whether sdists are not built."""
    no_sources: bool = False
    """Whether the project's sources are ignored."""
    no_deps: bool = False
    """Whether dependencies are left out."""
    index_strategy: Literal["first-index", "unsafe-first-match", "unsafe-best-match"] | None = None
    """How an index is chosen among several."""
    exclude_newer: Moment | None = None
    """A file that was uploaded then or later is not taken; the project's unless given."""
    prereleases: bool = False
    """Whether pre-releases are taken like others, and not only where nothing else will do."""
    resolution: Resolution | None = None
    """Which of the releases that will do is taken; the project's unless given."""
    python_platform: Label | None = None
    """A platform other than this one, to resolve for."""


class Lock(NetworkStep):
    """Resolve, and write the lockfile."""

    do: Literal["lock"]
    locked: bool = False
    """Whether the lockfile is only checked: one that is out of date is an error."""


class Sync(NetworkStep):
    """Bring the venv to exactly what the lockfile says, locking first where that is due."""

    do: Literal["sync"]
    extras: Many[Label] = ()
    """The extras that are chosen."""
    groups: Many[Label] = ()
    """The dependency groups that are chosen."""
    frozen: bool = False
    """Whether the lockfile is used as it is."""
    locked: bool = False
    """Whether a lockfile that is out of date is an error."""
    inexact: bool = False
    """Whether the venv keeps what the lockfile does not have."""


class Run(Sync):
    """Sync, then import modules with the venv's Python."""

    do: Literal["run"]  # type: ignore[assignment]
    imports: Many[IdentifierPath] = Field(default=(), alias="import")
    """The modules, without those within them, which ``expect.imports`` can name."""


class Install(NetworkStep):
    """Install requirements in the venv, without a project, as ``pip install`` does."""

    do: Literal["install"]
    requirements: Many[RequirementText] = ()
    """What to install."""
    editable: Many[InstallPlace] = ()
    """Folders to install editable, each with the extras that are wanted: ``lib[web]``."""
    paths: Many[InstallPlace] = ()
    """Folders or files to install, each with the extras that are wanted: ``lib[web]``."""
    overrides: Many[RequirementText] = ()
    """Requirements that replace every other one on their project."""
    constraints: Many[RequirementText] = ()
    """Requirements that narrow a version."""
    requirements_files: Many[RequirementsPath] = ()
    """Requirements files, in the project's folder; hashes stand in them."""
    constraints_files: Many[RequirementsPath] = ()
    """Files of requirements that narrow a version, in the project's folder."""
    config_settings: dict[Label, Label] = {}
    """Settings for the backends that build what has no wheel (PEP 517)."""
    index: str | None = None
    """The index to use as the default index."""
    extra_indexes: Many[Line] = ()
    """Further indexes, by name; they go before the default index."""
    find_links: Many[InnerPath] = ()
    """Flat indexes, by name, or folders of the workspace."""
    no_index: bool = False
    """Whether only find-links are used."""
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
    """What is added."""
    index: str | None = None
    """The index that the project is to come from."""
    optional: Label | None = None
    """The extra to add it to."""
    group: Label | None = None
    """The dependency group to add it to."""
    editable: InnerPath | None = None
    """The folder that it is to come from, editable."""
    path: InnerPath | None = None
    """The folder that it is to come from."""


class Remove(NetworkStep):
    """Remove requirements from the project, lock and sync."""

    do: Literal["remove"]
    projects: Many[ProjectName] = Field(min_length=1)
    """The projects."""
    optional: Label | None = None
    """The extra to remove it from."""
    group: Label | None = None
    """The dependency group to remove it from."""


class Compile(NetworkStep):
    """Resolve requirements into a requirements file."""

    do: Literal["compile"]
    requirements: Many[RequirementText] = Field(min_length=1)
    """What to resolve."""
    extra_indexes: Many[Line] = ()
    """Further indexes, by name."""
    to: RequirementsPath = "requirements.txt"
    """The file, in the project's folder."""
    hashes: bool = False
    """Whether the file names hashes."""


class SyncRequirements(NetworkStep):
    """Bring the venv to exactly what a requirements file says, as ``pip-sync`` does."""

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
    """Remove what the installer stored, of these projects or of all."""

    do: Literal["clear-cache"]
    projects: Many[ProjectName] = ()
    """The projects; all where it is empty."""


class PruneCache(InstallerStep):
    """Remove what the installer's cache holds without need."""

    do: Literal["prune-cache"]
    ci: bool = False
    """Whether to keep only what a CI should keep between runs."""


class Command(InstallerStep):
    """An installer's own command line, word for word; no shell, no other executable."""

    do: Literal["command"] = "command"
    command: dict[Label, str | Many[str]]
    """The command line, by installer: ``{ uv = "uv sync --extra cu12" }``."""
