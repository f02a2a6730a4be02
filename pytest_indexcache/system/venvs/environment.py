"""Open or create a venv, and find the folders in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.confinement import Confine, unconfined
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    ask_interpreter,
    running_interpreter,
)
from pytest_indexcache.system.venvs.installed import InstalledDistribution, read_installed

_UNFINISHED: Final = "unfinished.tmp"
"""The name of a file that is present in a venv until the venv is complete."""


@dataclass(frozen=True)
class Environment:
    """A venv; ``settings`` is the content of its ``pyvenv.cfg``."""

    folder: Path
    settings: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """Return the venv in a folder, or None if there is no complete venv with an interpreter."""
        try:
            text = (folder / "pyvenv.cfg").read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        pairs = (line.partition("=") for line in text.splitlines())
        environment = cls(folder, {key.strip().lower(): value.strip() for key, _, value in pairs})
        is_whole = environment.full_version and environment.python.exists()
        return environment if is_whole and not (folder / _UNFINISHED).exists() else None

    @classmethod
    def create(
        cls, folder: Path, interpreter: Interpreter, app_data: Path, maker: Path | None = None
    ) -> Self:
        """Create a venv without pip; an existing venv in the folder is replaced.

        ``app_data`` is the folder in which virtualenv caches facts about interpreters. ``maker`` is
        a Python interpreter whose virtualenv is used, if given.

        :raises UsageError: if the folder contains anything else, or no venv can be created in it
        """
        demand_free(folder)
        if folder.is_dir() and any(folder.iterdir()):
            import shutil

            shutil.rmtree(folder)
        # This imports virtualenv, which a run does not need if its venv exists.
        from pytest_indexcache.system.venvs.making import make_venv

        # A process that is killed from here on leaves a folder that is marked as incomplete:
        # virtualenv writes pyvenv.cfg before its scripts.
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyvenv.cfg").write_bytes(b"")
        (folder / _UNFINISHED).touch()
        make_venv(folder, interpreter, app_data, maker)
        (folder / _UNFINISHED).unlink()
        environment = cls.open(folder)
        if environment is None:
            raise UsageError(f"virtualenv made no venv with a Python in {folder}")
        return environment

    @cached_property
    def full_version(self) -> str:
        """The version of the venv's Python, such as ``3.12.4``, or "" if it is not recorded."""
        version = self.settings.get("version") or self.settings.get("version_info", "")
        return ".".join(version.split(".")[:3])

    def interpreter(self, cache: Path, confine: Confine = unconfined) -> Interpreter:
        """Return the Python interpreter that this venv is based on.

        The interpreter is started to read facts about it, unless it is the running one, or the
        facts are in the folder ``cache``. ``confine`` limits this process.
        """
        running = running_interpreter()
        home = Path(self.settings.get("home", ""))
        if (
            self.full_version == str(running.target.python_version)
            and home == running.executable.parent
        ):
            return running
        # Venvs of one Python share its answer, found by the link; on Windows there are no links.
        return ask_interpreter(Path(os.path.realpath(self.python)), cache, confine)

    @cached_property
    def python(self) -> Path:
        """The path of the venv's Python executable."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @cached_property
    def scripts(self) -> Path:
        """The folder for scripts and executables."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @cached_property
    def site_packages(self) -> Path:
        """The folder for installed modules, including extension modules."""
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        minor = ".".join(self.full_version.split(".")[:2])
        return self.folder / "lib" / f"python{minor}" / "site-packages"

    def scheme(self, project: str) -> dict[str, str]:
        """Return the folders for the parts of a wheel, keyed by the names of :mod:`sysconfig`."""
        return {
            "purelib": str(self.site_packages),
            "platlib": str(self.site_packages),
            "headers": os.path.join(self._headers, project),
            "scripts": str(self.scripts),
            "data": str(self.folder),
        }

    @cached_property
    def _headers(self) -> Path:
        minor = ".".join(self.full_version.split(".")[:2])
        return self.folder / "include" / "site" / f"python{minor}"

    def installed(self) -> tuple[InstalledDistribution, ...]:
        """Return the installed distributions, sorted by name."""
        return read_installed(self.site_packages)


def demand_free(folder: Path) -> None:
    """Raise UsageError unless a path is a venv or an empty folder, or does not exist."""
    is_venv = (folder / "pyvenv.cfg").is_file()
    if folder.is_dir() and any(folder.iterdir()) and not is_venv:
        raise UsageError(f"{folder} holds something that is not a venv", hint="remove or rename it")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a venv", hint="remove or rename it")
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder} is a dangling link", hint="remove it")


def demand_not_damaged(folder: Path) -> None:
    """Raise UsageError if a folder contains a complete venv whose interpreter does not exist."""
    config = folder / "pyvenv.cfg"
    is_made = config.is_file() and config.stat().st_size > 0 and not (folder / _UNFINISHED).exists()
    if is_made and Environment.open(folder) is None:
        raise UsageError(
            f"the venv {folder} has no Python: it is damaged, or its Python was removed",
            hint="nothing in it was changed; remove it yourself, or name another folder",
        )
