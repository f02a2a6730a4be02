"""Build wheels from source folders and sdists; build requirements go into a separate venv."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from packaging.requirements import Requirement
from packaging.utils import NormalizedName

from pytest_indexcache.errors import BuildError
from pytest_indexcache.reference.build.backend import Backend, WheelKind, read_build_system
from pytest_indexcache.reference.build.variables import process_variables
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.stored_files import Journal
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.system.archives import BROKEN_ARCHIVE
from pytest_indexcache.system.confinement import Confine, unconfined
from pytest_indexcache.system.pythons.interpreter import Interpreter
from pytest_indexcache.system.venvs.environment import Environment

ProvideVenv = Callable[[Path, Sequence[Requirement]], Environment]
"""A function that creates a venv in a folder and installs requirements into it."""


class Builder:
    """Builds wheels for one Python; the results of a build are reused later in the same run.

    ``environment`` contains the environment variables for the backends; ``confine`` restricts the
    processes that run their hooks. A wheel that was built from an sdist is kept in the wheel store;
    a wheel that was built from a folder is not. Thread-safe: only one build runs at a time, but a
    build can start other builds for its own requirements.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        store: WheelStore,
        run: RunFolder,
        *,
        provide: ProvideVenv,
        journal: Journal,
        environment: Mapping[str, str],
        confine: Confine = unconfined,
        behaviour: Behaviour = CORRECT,
    ) -> None:
        # Python reuses byte code while a module's change time, in seconds, is the same; a backend
        # inside a source tree may change more often.
        self._environment = {**environment, "PYTHONDONTWRITEBYTECODE": "1"}
        self._confine = confine
        self._behaviour = behaviour
        self._interpreter = interpreter
        self._store = store
        self._run = run
        self._provide = provide
        self._journal = journal
        self._lock = RLock()
        self._under_way: list[Path] = []
        self._unpacked: dict[Path, Path] = {}
        self._backends: dict[tuple[Path, WheelKind], Backend] = {}
        self._dist_infos: dict[Path, Path] = {}

    def metadata(self, source: Path) -> Path:
        """Run a build backend to write METADATA, and return the path of that file.

        ``source`` is a source folder or an sdist.

        :raises BuildError: if the backend fails
        """
        with self._building(source) as folder:
            if folder not in self._dist_infos:
                backend = self._backend(folder, "wheel")
                into = self._run.new_path("metadata")
                into.mkdir()
                self._journal(f"{source}: asking its build backend for metadata")
                self._dist_infos[folder] = backend.prepare_metadata(into)
            return self._dist_infos[folder] / "METADATA"

    def build_folder(self, folder: Path, kind: WheelKind) -> Path:
        """Build a wheel from a source folder; ``kind`` determines whether it is editable (PEP 660).

        The wheel is removed at the end of the run.

        :raises BuildError: if the backend fails
        """
        with self._building(folder):
            return self._build(folder, kind)

    def build_sdist(self, sdist: Path, project: NormalizedName) -> Path:
        """Return the wheel for an sdist; build it unless the wheel store already contains it.

        :raises BuildError: if the backend fails, or the sdist cannot be unpacked
        """
        digest, python = hash_file(sdist), self._python_tag()
        stored = self._store.find_built(digest, python)
        if stored is None or self._behaviour.keep_no_build:
            with self._building(sdist) as folder:
                wheel = self._build(folder, "wheel")
            stored = self._store.add_built(wheel, project, digest, python)
        return stored.path

    @contextmanager
    def _building(self, source: Path) -> Iterator[Path]:
        """Yield the folder to build from; other threads are blocked until the build ends.

        An sdist is first unpacked into this folder.

        :raises BuildError: if the source is a requirement of its own build
        """
        with self._lock:
            if source in self._under_way:
                raise BuildError(
                    f"{source.name} is needed to build itself",
                    hint="provide a wheel of it, or of a project that requires it",
                )
            self._under_way.append(source)
            try:
                yield source if source.is_dir() else self._unpack(source)
            finally:
                self._under_way.remove(source)

    def _build(self, folder: Path, kind: WheelKind) -> Path:
        backend = self._backend(folder, kind)
        into = self._run.new_path("wheel")
        into.mkdir()
        self._journal(f"{folder}: building a wheel of it ({kind})")
        return backend.build(kind, into, self._dist_infos.get(folder))

    def _backend(self, folder: Path, kind: WheelKind) -> Backend:
        if (folder, kind) not in self._backends:
            self._backends[folder, kind] = self._prepare_backend(folder, kind)
        return self._backends[folder, kind]

    def _prepare_backend(self, folder: Path, kind: WheelKind) -> Backend:
        """Return the backend; if it has requirements, create a venv for them first."""
        system = read_build_system(folder)
        markers = dict(self._interpreter.target.markers)
        requires = [
            requirement
            for requirement in system.requires
            if requirement.marker is None or requirement.marker.evaluate(markers)
        ]
        while True:
            if requires:
                venv = self._provide(self._run.new_path("venv"), requires)
                python, scripts = [str(venv.python)], venv.scripts
            else:  # without requirements, it sees only the standard library
                python, scripts = [str(self._interpreter.executable), "-S"], None
            variables = process_variables(scripts, self._environment)
            backend = Backend(folder, system, python, variables, self._confine)
            more = [
                requirement
                for requirement in backend.requires(kind)
                if str(requirement) not in map(str, requires)
            ]
            if not more:
                return backend
            requires += more

    def _python_tag(self) -> str:
        if self._behaviour.share_built_wheels:
            return "any"
        major, minor = self._interpreter.version
        return f"{self._interpreter.target.markers['implementation_name']}{major}{minor}"

    def _unpack(self, sdist: Path) -> Path:
        if sdist not in self._unpacked:
            into = self._run.new_path("sdist")
            into.mkdir()
            extract(sdist, into)
            tops = [path for path in into.iterdir() if path.is_dir()]
            if len(tops) != 1:
                raise BuildError(
                    f"{sdist.name} is not an sdist: it has {len(tops)} top-level folders, not 1"
                )
            self._unpacked[sdist] = tops[0]
        return self._unpacked[sdist]


def extract(sdist: Path, into: Path) -> None:
    """Unpack an sdist into a folder, without writing anything outside that folder.

    :raises BuildError: if the sdist is broken, or contains a file that would be written outside the
        folder
    """
    try:
        if sdist.suffix == ".zip":
            with zipfile.ZipFile(sdist) as archive:
                archive.extractall(into)  # noqa: S202 - zipfile does not write outside the folder
        else:
            # PEP 721: the data filter refuses members that would lie outside the folder.
            with tarfile.open(sdist) as archive:
                archive.extractall(into, filter="data")
    except (*BROKEN_ARCHIVE, OSError) as error:
        raise BuildError(f"{sdist.name} cannot be unpacked: {error}") from error
    except TypeError as error:
        raise BuildError(
            f"{sdist.name} cannot be unpacked safely by this Python",
            hint="use Python 3.11.4 or later",
        ) from error
