"""A venv, made by virtualenv and with the layout of its Python."""

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
"""The name of a file that marks a venv as incomplete while it is being made."""


@dataclass(frozen=True)
class Environment:
    """A venv on disk; ``settings`` are the settings in its ``pyvenv.cfg``."""

    folder: Path
    settings: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """Return the venv in a folder; None if it is incomplete or its Python no longer exists."""
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
        """Make a venv without pip in a folder that is missing, empty or already a venv.

        ``app_data`` is virtualenv's folder for facts about Pythons. If ``maker`` is given, the
        virtualenv installed in the Python ``maker`` makes the venv.

        :raises UsageError: if something else is in the folder, or virtualenv cannot make a venv
            there
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
        """The full version of the venv's Python; empty if ``pyvenv.cfg`` does not give it."""
        version = self.settings.get("version") or self.settings.get("version_info", "")
        return ".".join(version.split(".")[:3])

    def interpreter(self, cache: Path, confine: Confine = unconfined) -> Interpreter:
        """Return the venv's Python, which is started only if it is not the running Python.

        ``cache`` is the folder for facts about Pythons, ``confine`` confines a Python
        that is started.
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
        """The venv's Python."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @cached_property
    def scripts(self) -> Path:
        """The folder of scripts."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @cached_property
    def site_packages(self) -> Path:
        """The folder of modules, including extension modules."""
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        minor = ".".join(self.full_version.split(".")[:2])
        return self.folder / "lib" / f"python{minor}" / "site-packages"

    def scheme(self, project: str) -> dict[str, str]:
        """Return the folder for each part of a wheel of ``project``, keyed as in ``sysconfig``."""
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
    """Raise UsageError if a folder cannot become a venv because something else is there."""
    is_venv = (folder / "pyvenv.cfg").is_file()
    if folder.is_dir() and any(folder.iterdir()) and not is_venv:
        raise UsageError(f"{folder} holds something that is not a venv", hint="remove or rename it")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a venv", hint="remove or rename it")
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder} is a dangling link", hint="remove it")


def demand_not_damaged(folder: Path) -> None:
    """Raise UsageError if a folder holds a venv whose Python is gone.

    A venv that was never completed is ignored.
    """
    config = folder / "pyvenv.cfg"
    is_made = config.is_file() and config.stat().st_size > 0 and not (folder / _UNFINISHED).exists()
    if is_made and Environment.open(folder) is None:
        raise UsageError(
            f"the venv {folder} has no Python: it is damaged, or its Python was removed",
            hint="nothing in it was changed; remove it yourself, or name another folder",
        )
