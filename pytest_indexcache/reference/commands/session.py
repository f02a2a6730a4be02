"""The components that a command uses; each is created when it is first needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from packaging.requirements import Requirement
from packaging.utils import NormalizedName

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.build.building import Builder
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.fetch.download_variants import VariantDownloads
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.index.client_variants import VariantClient
from pytest_indexcache.reference.index.credentials import netrc_file_of
from pytest_indexcache.reference.index.finder import Finder
from pytest_indexcache.reference.index.index_pages import IndexPages
from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.install.installation import apply_plan, obtain_wheels
from pytest_indexcache.reference.install.plan import Plan
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import Rules
from pytest_indexcache.reference.resolve.resolver import resolve_requirements
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.moments import read_moment
from pytest_indexcache.reference.words.packages import PYPI, IndexLocation, RemoteFile
from pytest_indexcache.reference.words.selection import Selection, lowest_of
from pytest_indexcache.system.checkpoints import Checkpoint, go_on
from pytest_indexcache.system.confinement import Confine, unconfined
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    find_interpreter,
    running_interpreter,
)
from pytest_indexcache.system.venvs.environment import Environment

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings that a caller gives to the installer; commands do not change them.

    ``clock`` returns seconds since the epoch. ``default_index`` is the URL of the default index,
    which is searched last. ``transport`` replaces httpx's own transport; ``proxy`` and
    ``ca_bundle`` take precedence over the environment. ``echo`` is called with each line of output.
    With ``captures``, ``echo`` also receives the output of the Python that ``run`` starts;
    otherwise, that output goes to the terminal. ``journal`` is called with a sentence about each
    decision of the stores. ``environment`` contains the environment variables for build backends
    and for the Python that ``run`` starts. ``sleep`` is called with the seconds to wait before a
    request is retried. At most ``most_requests`` requests are sent at the same time. ``confine``
    restricts the processes that are started. ``pythons`` is the folder for facts about Pythons, by
    default in the cache folder. ``temporary`` is the folder for temporary files, by default the
    system's. ``checkpoint`` is called between two units of work; an exception that it raises ends
    the command.
    """

    cache_dir: Path
    clock: Callable[[], float]
    default_index: str = PYPI
    transport: httpx.BaseTransport | None = None
    proxy: str | None = None
    ca_bundle: Path | None = None
    trust_env: bool = True
    behaviour: Behaviour = CORRECT
    echo: Callable[[str], None] = lambda _: None
    captures: bool = False
    journal: Callable[[str], None] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    sleep: Callable[[float], None] = time.sleep
    most_requests: int = 16
    confine: Confine = unconfined
    pythons: Path | None = None
    temporary: Path | None = None
    checkpoint: Checkpoint = go_on

    @property
    def pythons_dir(self) -> Path:
        """The folder that stores facts about Pythons."""
        return self.pythons or self.cache_dir


@dataclass
class Session:
    """The stores, the index client and the builder for one command and its indexes."""

    settings: Settings
    options: Options
    indexes: Sequence[IndexLocation]
    _closing: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._closing.close()

    @cached_property
    def interpreter(self) -> Interpreter:
        """The Python that an option names, or else the venv's, or else the running Python."""
        cache, confine = self.settings.pythons_dir / "interpreters", self.settings.confine
        if self.options.python is not None:
            return find_interpreter(self.options.python, cache, confine=confine)
        environment = Environment.open(self.options.venv_folder.absolute())
        return environment.interpreter(cache, confine) if environment else running_interpreter()

    @cached_property
    def cache_dir(self) -> Path:
        """The cache folder, or a temporary folder for this session if caching is turned off."""
        if not self.options.no_cache:
            return self.settings.cache_dir
        return Path(
            self._closing.enter_context(
                TemporaryDirectory(prefix="indexcache-", dir=self.settings.temporary)
            )
        )

    @property
    def behaviour(self) -> Behaviour:
        """The bugs that this installer reproduces; none by default."""
        return self.settings.behaviour

    @cached_property
    def store(self) -> WheelStore:
        """The store for sdists and for wheels, both downloaded and built."""
        behaviour, journal = self.settings.behaviour, self.settings.journal
        return WheelStore(self.cache_dir / "wheels", behaviour=behaviour, journal=journal)

    @cached_property
    def records(self) -> IndexRecords:
        """The records of index pages and core metadata, which are kept from one run to the next."""
        return IndexRecords(self.cache_dir / "wheels")

    @cached_property
    def run_folder(self) -> RunFolder:
        """The temporary folder for incomplete files."""
        folder = RunFolder(self.store.folder / "runs")
        self._closing.callback(folder.close)
        return folder

    @cached_property
    def client(self) -> IndexClient:
        """The client that requests pages, metadata and files from indexes."""
        settings = self.settings
        origin = HttpxOrigin(
            settings.transport,
            proxy=settings.proxy,
            ca_bundle=settings.ca_bundle,
            trust_env=settings.trust_env,
        )
        self._closing.callback(origin.close)
        make: Callable[..., IndexClient] = IndexClient
        if settings.behaviour != CORRECT:
            make = partial(VariantClient, behaviour=settings.behaviour, indexes=self.indexes)
        return make(
            self.cache_dir / "http",
            origin,
            clock=settings.clock,
            offline=self.options.offline,
            refresh=self.options.refresh.everything,
            netrc_file=netrc_file_of(settings.environment),
            sleep=settings.sleep,
            checkpoint=settings.checkpoint,
        )

    @cached_property
    def downloads(self) -> Downloads:
        """The component that downloads wheels and sdists into the store."""
        settings = self.settings
        make: Callable[..., Downloads] = Downloads
        if settings.behaviour != CORRECT:
            make = partial(VariantDownloads, behaviour=settings.behaviour)
        return self._closing.enter_context(
            make(
                self.client,
                self.store,
                self.run_folder,
                journal=settings.journal,
                say=settings.echo,
                find_moved=self._find_moved,
                most_requests=settings.most_requests,
            )
        )

    @cached_property
    def builder(self) -> Builder:
        """The component that builds wheels from source folders and sdists."""
        return Builder(
            self.interpreter,
            self.store,
            self.run_folder,
            provide=self._provide,
            journal=self.settings.journal,
            environment=self.settings.environment,
            confine=self.settings.confine,
            behaviour=self.settings.behaviour,
        )

    @cached_property
    def finder(self) -> Finder:
        """The component that finds the releases of a project on the indexes."""
        options, behaviour = self.options, self.settings.behaviour
        pages = IndexPages(
            self.client,
            self.records,
            refresh=options.refresh | options.reinstall,
            upgrade=options.upgrade,
            behaviour=behaviour,
        )
        return Finder(
            pages,
            self.indexes,
            self.interpreter.target,
            strategy=options.index_strategy,
            no_binary=options.no_binary,
            only_binary=options.no_build,
            prefer_binary=options.prefer_binary,
            prereleases=options.prereleases and not behaviour.ignore_prereleases,
            uploaded_before=self._cutoff,
            behaviour=behaviour,
        )

    def _find_moved(self, file: RemoteFile) -> RemoteFile | None:
        """Return a locked file with its current URL on the index; None if the URL is unchanged."""
        if not file.is_locked or file.index is None or self.settings.behaviour.keep_locked_urls:
            return None
        listing = self.finder.pages.files(file.index, file.project)
        urls = (
            (
                listed_file.url
                for listed_file in listing.files
                if listed_file.filename == file.filename
            )
            if listing
            else ()
        )
        return next((replace(file, url=url) for url in urls if url != file.url), None)

    def lowest(self, direct: Iterable[NormalizedName]) -> Selection:
        """Return the projects for which the lowest suitable release is chosen.

        ``direct`` are the directly required projects.
        """
        return lowest_of(self.options.resolution, direct)

    @property
    def _cutoff(self) -> float | None:
        text = self.options.exclude_newer
        if text is None or self.settings.behaviour.ignore_upload_time:
            return None
        try:
            return read_moment(text, self.settings.clock())
        except ValueError as error:
            raise UsageError(f"exclude-newer: {error}") from error

    @cached_property
    def metadata(self) -> MetadataReader:
        """The component that reads core metadata from files, folders and records."""
        return MetadataReader(
            self.client,
            self.records,
            fetch=self.downloads.fetch,
            open_parts=self.downloads.open_parts,
            build=lambda source: self.builder.metadata(source),  # noqa: PLW0108 - made when needed
            refresh=self.options.refresh,
            behaviour=self.settings.behaviour,
            checkpoint=self.settings.checkpoint,
        )

    def name_of(self, folder: Path) -> str:
        """Return the name of the project in a folder, running its build backend if necessary."""
        return self.metadata.read_folder(folder).name

    def create_environment(self, folder: Path) -> Environment:
        """Create a venv in a folder for the session's Python."""
        return Environment.create(
            folder, self.interpreter, self.settings.pythons_dir / "virtualenv"
        )

    def _provide(self, folder: Path, requirements: Sequence[Requirement]) -> Environment:
        """Create a venv in a folder, and install a build backend's requirements into it."""
        pins = resolve_requirements(
            requirements,
            self.finder,
            self.metadata,
            Rules(self.interpreter.target.markers),
            most_requests=self.settings.most_requests,
        )
        wheels = obtain_wheels(self, pins)
        environment = self.create_environment(folder)
        apply_plan(self, environment, Plan(add=pins), wheels)
        return environment
