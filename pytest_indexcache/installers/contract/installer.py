"""The interface of all installers, and the types that it uses, such as Workspace and Outcome."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pytest_indexcache.errors import InstallerSpecError
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.exits import ExitKind

if TYPE_CHECKING:
    import httpx

    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerVerb

SPEC_HINT = "write reference, reference:VARIANT, uv, uv==0.8.11, 'uv>=0.8,<0.9' or uv@PATH"


@dataclass(frozen=True, slots=True)
class InstallerSpec:
    """The installer that a user requests: a name with a variant, releases or a path.

    A spec is written ``reference``, ``reference:VARIANT``, ``uv``, ``uv==0.8.11``, ``uv>=0.8,<0.9``
    or ``uv@PATH``. ``is_from_range`` is true if the spec is for one release from a range that the
    user named. If such a release is not available, its plays are skipped; a release that the user
    named individually must be available.
    """

    name: str
    variant: str | None = None
    releases: str | None = None
    path: Path | None = None
    is_from_range: bool = False

    @classmethod
    def parse(cls, text: str) -> InstallerSpec:
        """Parse a spec; raise :class:`InstallerSpecError` if it is not valid."""
        match = re.fullmatch(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s*(?:([:@])(.+)|([<>=!~].*))?", text)
        if not match:
            raise InstallerSpecError(text, "this is not an installer spec", SPEC_HINT)
        name, sign, rest, releases = match.groups()
        if releases is not None:
            return cls(name.lower(), releases=_checked_releases(text, releases))
        if sign == ":":
            return cls(name.lower(), variant=rest.strip())
        return cls(name.lower(), path=Path(rest.strip()) if sign == "@" else None)

    def __str__(self) -> str:
        if self.variant:
            return f"{self.name}:{self.variant}"
        if self.path:
            return f"{self.name}@{self.path}"
        return f"{self.name}{self.releases or ''}"


def _checked_releases(text: str, releases: str) -> str:
    try:
        SpecifierSet(releases)
    except InvalidSpecifier:
        raise InstallerSpecError(
            text, f"{releases!r} is not a version specifier (PEP 440)", SPEC_HINT
        ) from None
    return releases.strip()


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders for one play, all of them in ``root``.

    ``is_contained`` is true if the kernel confines the processes of the play to the workspace.
    """

    root: Path
    is_contained: bool = False

    @property
    def cache(self) -> Path:
        """The folder for the installer's cache."""
        return self.root / ".cache"

    @property
    def home(self) -> Path:
        """The installer's home folder, which contains its configuration."""
        return self.root / ".home"

    @property
    def own_folders(self) -> tuple[Path, Path]:
        """The folders that a scenario must not name: the cache and the home folder."""
        return self.cache, self.home

    @property
    def build_log(self) -> Path:
        """The file to which in-tree build backends append a line for each build."""
        return self.root / ".builds"

    def folder(self, name: str) -> Path:
        """Return the path of a project's folder."""
        return self.root / name

    def venv(self, folder: str, venv: str | None) -> Path:
        """Return the path of the venv in a project's folder, or of the named ``venv``."""
        return self.root / venv if venv else self.root / folder / ".venv"

    def venv_in_use(self, folder: str, venv: str | None) -> Path:
        """Return the venv that a step uses: the project's, or else an existing venv in the root.

        uv puts the venv into the root if the project's uv workspace has its root there.
        """
        own, of_root = self.venv(folder, venv), self.venv(".", None)
        is_above = venv is None and not own.exists() and (of_root / "pyvenv.cfg").is_file()
        return of_root if is_above else own


@dataclass(frozen=True, slots=True)
class Network:
    """How an installer reaches the fake indexes: through a transport in this process or a proxy.

    ``clock`` returns the indexes' time, in seconds since the epoch; ``wait`` advances this clock by
    a number of seconds.
    """

    clock: Callable[[], float]
    transport: httpx.BaseTransport | None = None
    proxy_url: str | None = None
    ca_file: Path | None = None
    wait: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of playing a step: the command, its output, and how it exited.

    ``command`` can be pasted into a shell. ``files`` contains the project files that were used,
    keyed by path in the workspace. ``journal`` contains the reference installer's messages about
    its decisions. ``release`` is the version of the installer that played the step. ``exit_note``
    briefly explains an exit that is neither success nor failure.
    """

    exit: ExitKind
    exit_code: int
    command: str
    output: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    journal: tuple[str, ...] = ()
    release: str = ""
    exit_note: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the step succeeded."""
        return self.exit is ExitKind.SUCCESS


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that a lockfile lists; ``name`` is empty if the lockfile lists only hashes.

    Each hash is written ``sha256:0123…``; ``url`` is None if the lockfile does not contain the URL.
    """

    name: str = ""
    hashes: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """The entry of one package in a lockfile."""

    version: str | None
    index_url: str | None = None
    files: tuple[LockedFile, ...] = ()

    @property
    def has_hashes(self) -> bool:
        """Whether the package lists at least one file, and a hash for every file."""
        return bool(self.files) and all(file.hashes for file in self.files)


Act = Callable[[], Outcome]
"""A function that plays a step for which everything has been prepared."""


class Installer(Protocol):
    """An installer that plays steps; it does not have access to the ledger or the expectations."""

    @property
    def spec(self) -> InstallerSpec:
        """The spec from which the installer was created."""

    @property
    def version(self) -> str:
        """The version of the installer."""

    @property
    def is_embedded(self) -> bool:
        """Whether the installer runs in this process, and therefore does not need the proxy."""

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile that a step writes or reads in a project's folder."""

    def lacks(self, scenario: Scenario) -> str | None:
        """Return the reason why the installer cannot play a scenario, or None if it can."""

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write the scenario's project into a folder, in the format that this installer reads."""

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step; raise :class:`InstallerError` only if the installer could not be used."""

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries of the installer's cache that match a query.

        :raises CapabilityError: if it is not known where the installer stores such entries
        """

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in a project folder's lockfile, keyed by project.

        The result is empty if there is no lockfile.
        """


@runtime_checkable
class ConcurrentInstaller(Protocol):
    """An installer that can play several steps at once."""

    def prepare(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Act:
        """Prepare everything that a step needs, such as its venv; return a function that plays it.

        The functions for steps that run together are called at the same moment, each in its own
        thread.
        """
