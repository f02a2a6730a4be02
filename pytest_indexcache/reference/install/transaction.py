"""Change a venv: all wheels are unpacked and checked first, then moved into place by renaming."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.reference.install.staging import occupied, put_in_place
from pytest_indexcache.reference.install.uninstalling import recorded_files, remove_files
from pytest_indexcache.reference.install.unpacking import unpack
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import InstalledDistribution

_PREFIX: Final = ".indexcache-"


class Transaction:
    """A context manager for a single change to a venv.

    Wheels are staged in a folder inside the venv, so that they can be moved into place by renaming.
    The venv does not change before :meth:`commit` is called. If the process is killed, the staging
    folder is left behind, and the next transaction finishes the removals that were begun. The
    caller must prevent other processes from changing the venv.
    """

    def __init__(self, environment: Environment, behaviour: Behaviour = CORRECT) -> None:
        self._environment = environment
        self._behaviour = behaviour
        self._staging = environment.folder / f"{_PREFIX}{os.getpid()}"
        self._trash = self._staging / "removed"
        self._added = self._staging / "added"
        self._is_halfway = False

    def __enter__(self) -> Self:
        for leftover in self._environment.folder.glob(f"{_PREFIX}*"):
            self._finish(leftover)
        return self

    def __exit__(self, *details: object) -> None:
        if not self._is_halfway:
            shutil.rmtree(self._staging, ignore_errors=True)

    def stage(self, project: str, wheel: Path, extra_files: Mapping[str, bytes]) -> None:
        """Unpack a wheel into the staging folder and check it.

        If several wheels contain the same file, the last one wins. After an error, :meth:`commit`
        must not be called until all wheels have been staged again.

        :raises InvalidDistributionError: if the wheel is broken
        :raises ReferenceInstallerError: if a file in the wheel is a folder in another wheel
        """
        venv = self._environment
        scheme = {
            name: str(self._added / Path(folder).relative_to(venv.folder))
            for name, folder in venv.scheme(project).items()
        }
        ignore_crc = self._behaviour.ignore_crc
        unpack(wheel, scheme, venv.python, extra_files, ignore_crc=ignore_crc)

    def stage_again(self) -> None:
        """Discard everything that was staged, so that all wheels can be staged again."""
        shutil.rmtree(self._added, ignore_errors=True)

    def commit(self, remove: Iterable[InstalledDistribution]) -> None:
        """Remove these distributions from the venv and move the staged files into place.

        :raises ReferenceInstallerError: if the file system refuses a change; the venv is then
            partly changed, and running the same command again completes the change
        """
        # Every RECORD is read before the first change, so that an unreadable one changes nothing.
        doomed = [
            (distribution.dist_info, self._files_of(distribution.dist_info))
            for distribution in remove
        ]
        self._added.mkdir(parents=True, exist_ok=True)
        files_to_go = {path for _, files in doomed for path in files}
        in_the_way = occupied(self._added, self._environment.folder, files_to_go)
        if in_the_way is not None:
            raise ReferenceInstallerError(
                f"{in_the_way} is a file where a wheel has a folder, or the reverse",
                hint="nothing was changed; find out what it belongs to, and remove it",
            )
        self._is_halfway = True
        try:
            if doomed:
                self._trash.mkdir(parents=True)
            for dist_info, files in doomed:
                # Without its dist-info, it counts as not installed, even if the next steps fail.
                dist_info.rename(self._trash / dist_info.name)
                self._remove(files)
            put_in_place(self._added, self._environment.folder)
        except OSError as error:
            raise ReferenceInstallerError(
                f"the venv {self._environment.folder} could not be changed: {error}",
                hint="check free space and permissions there, and run the same command again",
            ) from error
        self._is_halfway = False

    def _files_of(self, dist_info: Path) -> tuple[str, ...]:
        environment = self._environment
        return recorded_files(dist_info, environment.site_packages, environment.folder)

    def _remove(self, files: Iterable[str]) -> None:
        environment = self._environment
        remove_files(files, keep=(environment.site_packages, environment.scripts))

    def _finish(self, leftover: Path) -> None:
        """Finish the removals that a killed transaction began, and delete its folder."""
        owned = {
            file
            for distribution in self._environment.installed()
            for file in self._readable_files_of(distribution.dist_info)
        }
        for dist_info in (leftover / "removed").glob("*.dist-info"):
            self._remove(set(self._readable_files_of(dist_info)) - owned)
        shutil.rmtree(leftover, ignore_errors=True)

    def _readable_files_of(self, dist_info: Path) -> tuple[str, ...]:
        try:
            return self._files_of(dist_info)
        except InvalidDistributionError:
            return ()
