"""Building wheels of source folders and sdists, in a venv of its own where that is needed."""

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
from pytest_indexcache.reference.build.backend import Backend, Wish, read_build_system
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
"""Makes a venv in a folder and installs requirements in it, from the project's indexes."""


class Builder:
    """Builds for one Python; what needs no answer of a backend twice is asked once a run.

    ``environment`` has the variables of the backends; ``confine`` puts walls around their hooks.

    A wheel that was built of an sdist is kept in the wheel store, one of a folder never is. Safe
    for threads: one build at a time, but for those that a build itself needs.
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
        # Byte code is good for as long as a module's second of change is the same, and a backend
        # within a source tree may change faster.
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
        self._backends: dict[tuple[Path, Wish], Backend] = {}
        self._dist_infos: dict[Path, Path] = {}

    def metadata(self, source: Path) -> Path:
        """Return METADATA of a source folder or an sdist, as its backend makes it.

        :raises BuildError: when the backend fails
        """
        with self._building(source) as folder:
            if folder not in self._dist_infos:
                backend = self._backend(folder, "wheel")
                into = self._run.new_path("metadata")
                into.mkdir()
                self._journal(f"{source}: asking its build backend for metadata")
                self._dist_infos[folder] = backend.prepare_metadata(into)
            return self._dist_infos[folder] / "METADATA"

    def build_folder(self, folder: Path, wish: Wish) -> Path:
        """Build a wheel of a source folder, editable or not (PEP 660); it goes with the run.

        :raises BuildError: when the backend fails
        """
        with self._building(folder):
            return self._build(folder, wish)

    def build_sdist(self, sdist: Path, project: NormalizedName) -> Path:
        """Return the wheel of an sdist, out of the wheel store if it was built before.

        :raises BuildError: when the backend fails, or the sdist cannot be unpacked
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
        """Give the source's folder, with the other threads kept away."""
        with self._lock:
            if source in self._under_way:
                raise BuildError(
                    f"{source.name} is needed to build itself",
                    hint="a wheel of it, or of what requires it, would end the circle",
                )
            self._under_way.append(source)
            try:
                yield source if source.is_dir() else self._unpack(source)
            finally:
                self._under_way.remove(source)

    def _build(self, folder: Path, wish: Wish) -> Path:
        backend = self._backend(folder, wish)
        into = self._run.new_path("wheel")
        into.mkdir()
        self._journal(f"{folder}: building a wheel of it ({wish})")
        return backend.build(wish, into, self._dist_infos.get(folder))

    def _backend(self, folder: Path, wish: Wish) -> Backend:
        if (folder, wish) not in self._backends:
            self._backends[folder, wish] = self._prepare_backend(folder, wish)
        return self._backends[folder, wish]

    def _prepare_backend(self, folder: Path, wish: Wish) -> Backend:
        """Make a venv with what the backend requires; without requirements it needs none."""
        system = read_build_system(folder)
        markers = dict(self._interpreter.target.markers)
        requires = [
            it for it in system.requires if it.marker is None or it.marker.evaluate(markers)
        ]
        while True:
            if requires:
                venv = self._provide(self._run.new_path("venv"), requires)
                python, scripts = [str(venv.python)], venv.scripts
            else:  # it sees the standard library alone
                python, scripts = [str(self._interpreter.executable), "-S"], None
            variables = process_variables(scripts, self._environment)
            backend = Backend(folder, system, python, variables, self._confine)
            more = [it for it in backend.requires(wish) if str(it) not in map(str, requires)]
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
                raise BuildError(f"{sdist.name} is no sdist: it holds {len(tops)} folders")
            self._unpacked[sdist] = tops[0]
        return self._unpacked[sdist]


def extract(sdist: Path, into: Path) -> None:
    """Unpack an sdist; nothing of it leaves the folder.

    :raises BuildError: if it is broken, or would leave the folder
    """
    try:
        if sdist.suffix == ".zip":
            with zipfile.ZipFile(sdist) as archive:
                archive.extractall(into)  # noqa: S202 - zipfile keeps inside the folder by itself
        else:
            # PEP 721: the data filter refuses what would leave the folder.
            with tarfile.open(sdist) as archive:
                archive.extractall(into, filter="data")
    except (*BROKEN_ARCHIVE, OSError) as error:
        raise BuildError(f"{sdist.name} cannot be unpacked: {error}") from error
    except TypeError as error:
        raise BuildError(
            f"{sdist.name} cannot be unpacked safely by this Python",
            hint="Python 3.11.4 and later can",
        ) from error
