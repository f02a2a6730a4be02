"""Install a release into the cache folder, either completely or not at all.

Each attempt uses its own folder. A small record that names the complete folder is written last and
atomically; if the process is killed, there is no record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import InstallerError
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.system.atomic_files import remove_tree, write_atomically
from pytest_indexcache.system.pythons.interpreter import Interpreter

LOCK_SECONDS: Final = 900.0
"""How many seconds to wait while another process provisions the same release."""

_SCRIPTS: Final = "Scripts" if os.name == "nt" else "bin"
_SUFFIX: Final = ".exe" if os.name == "nt" else ""


@dataclass(frozen=True)
class ReleaseFolder:
    """The place in the cache folder ``home`` where a release is installed for one Python.

    A release with different ``extras`` is installed in a different place.
    """

    home: Path
    name: str
    version: str
    interpreter: Interpreter
    extras: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        """The requirement to install, which consists of the release and its extras."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}=={self.version}"

    @property
    def spec(self) -> str:
        """The installer spec for the release."""
        return f"{self.name}=={self.version}"

    @cached_property
    def _folder(self) -> Path:
        return self.home / "installers" / self.name

    @cached_property
    def _key(self) -> str:
        """A name for the release, platform and Python; it is short because shebangs contain it."""
        target = self.interpreter.target
        tag = target.tags[0] if target.tags else _first_tag()
        described = " ".join((tag, str(self.interpreter.executable), *self.extras))
        digest = sha256(described.encode()).hexdigest()
        return f"{self.version}-{tag.partition('-')[0]}-{digest[:8]}"

    @property
    def _record(self) -> Path:
        return self._folder / f"{self._key}.json"

    def recall(self) -> ProvisionedInstaller | None:
        """Return the installed release; None if it is incomplete or its Python is gone."""
        try:
            folder = self._folder / loads_json(self._record.read_bytes())["folder"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        found = self.installer_in(folder)
        return found if found.executable.exists() and self.python_in(folder).exists() else None

    def installer_in(self, folder: Path) -> ProvisionedInstaller:
        """Return the installer that is in a venv, or that will be there once it is installed."""
        executable = folder / _SCRIPTS / f"{self.name}{_SUFFIX}"
        return ProvisionedInstaller(self.name, self.version, executable, self.python_in(folder))

    def python_in(self, folder: Path) -> Path:
        """Return the path of the Python in a venv."""
        return folder / _SCRIPTS / f"python{_SUFFIX}"

    def remember(self, folder: Path) -> None:
        """Record atomically that the complete release is in this folder."""
        write_atomically(self._record, json.dumps({"folder": folder.name}).encode())

    def new_folder(self) -> Path:
        """Return a new folder for an attempt, and remove the folders of earlier attempts.

        Folder names are never reused, because a killed run may leave a process behind that
        continues to write to the folder of its attempt.
        """
        for leftover in self._folder.glob(f"{self._key}.*"):
            if leftover.is_dir():
                remove_tree(leftover)
        return self._folder / f"{self._key}.{os.urandom(3).hex()}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other threads and processes from provisioning the same release during the block."""
        from filelock import FileLock, Timeout

        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder / f"{self._key}.lock", timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout as error:
            raise InstallerError(
                self.spec,
                f"another process has been provisioning it for {LOCK_SECONDS:.0f} seconds",
                f"end that process; it holds {lock.lock_file}",
            ) from error
        try:
            yield
        finally:
            lock.release()


def _first_tag() -> str:
    from packaging.tags import sys_tags

    return str(next(sys_tags()))
