"""Changing a venv: everything is unpacked and checked first, then put in place by renaming."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.reference.install.staging import Stage
from pytest_indexcache.reference.install.uninstalling import recorded_files, remove_files
from pytest_indexcache.reference.install.unpacking import unpack
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import InstalledDistribution

_PREFIX: Final = ".indexcache-"


class Transaction:
    """One change of a venv; a context manager.

    Wheels are staged in a folder inside the venv, so that putting them in place is renaming. As
    long as :meth:`commit` was not called the venv is as it was. A killed change leaves its folder
    behind, of which the next one finishes the removals. The caller keeps other processes away.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._staging = environment.folder / f"{_PREFIX}{os.getpid()}"
        self._trash = self._staging / "removed"
        self._added = self._staging / "added"
        self._stage = Stage(self._added)
        self._is_halfway = False

    def __enter__(self) -> Self:
        for leftover in self._environment.folder.glob(f"{_PREFIX}*"):
            self._finish(leftover)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_halfway:
            shutil.rmtree(self._staging, ignore_errors=True)

    def stage(self, project: str, wheel: Path, extra_files: Mapping[str, bytes]) -> None:
        """Unpack and check a wheel, beside the venv's own files.

        A file that several wheels have is the last one's. After an error nothing may be committed,
        unless everything is staged again.

        :raises InvalidDistributionError: if the wheel is broken
        :raises ReferenceInstallerError: if it has a file where another wheel has a folder
        """
        environment = self._environment
        scheme = environment.scheme(project)
        try:
            unpack(wheel, self._stage, scheme, environment.python, extra_files)
        except (FileExistsError, NotADirectoryError) as error:
            place = Path(error.filename).relative_to(self._added).as_posix()
            raise ReferenceInstallerError(
                f"{wheel.name}: {place.partition('/')[2]} is a file of one wheel and a folder of"
                " another",
                hint="install only one of the two",
            ) from error

    def stage_again(self) -> None:
        """Forget everything that was staged."""
        shutil.rmtree(self._added, ignore_errors=True)
        self._stage = Stage(self._added)

    def commit(self, remove: Iterable[InstalledDistribution]) -> None:
        """Take these distributions out of the venv and put in what was staged.

        :raises ReferenceInstallerError: if the file system refuses; the venv is then between two
            states, and the same command again brings it to the second
        """
        # Every RECORD is read before the first change: one that cannot be is an error by then.
        doomed = [(it.dist_info, self._files_of(it.dist_info)) for it in remove]
        occupied = self._stage.occupied({path for _, files in doomed for path in files})
        if occupied is not None:
            raise ReferenceInstallerError(
                f"{occupied} is a file where a wheel has a folder, or a folder where it has a file",
                hint="nothing was changed; see what it belongs to, and remove it",
            )
        self._is_halfway = True
        try:
            if doomed:
                self._trash.mkdir(parents=True)
            for dist_info, files in doomed:
                # Without its dist-info it is not installed any more, whatever happens next.
                dist_info.rename(self._trash / dist_info.name)
                self._remove(files)
            self._stage.put_in_place()
        except OSError as error:
            raise ReferenceInstallerError(
                f"the venv {self._environment.folder} could not be changed: {error}",
                hint="see to its files and run the same command again",
            ) from error
        self._is_halfway = False

    def _files_of(self, dist_info: Path) -> tuple[str, ...]:
        environment = self._environment
        return recorded_files(dist_info, environment.site_packages, environment.folder)

    def _remove(self, files: Iterable[str]) -> None:
        environment = self._environment
        remove_files(files, keep=(environment.site_packages, environment.scripts))

    def _finish(self, leftover: Path) -> None:
        """Delete what a killed change had begun to remove, and its folder."""
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
