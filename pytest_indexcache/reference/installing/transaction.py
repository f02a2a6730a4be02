"""Changing a venv: everything is unpacked and checked first, then put in place by renaming."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.reference.environment import Environment
from pytest_indexcache.reference.installing.installed import InstalledDistribution
from pytest_indexcache.reference.installing.uninstalling import recorded_files, remove_files
from pytest_indexcache.reference.installing.unpacking import UnpackedWheel, unpack

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
        self._staged: list[UnpackedWheel] = []
        self._is_halfway = False

    def __enter__(self) -> Self:
        for leftover in self._environment.folder.glob(f"{_PREFIX}*"):
            self._finish(leftover)
        self._trash.mkdir(parents=True)
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

        :raises InvalidDistributionError: if the wheel is broken
        """
        stage = self._staging / str(len(self._staged))
        scheme = self._environment.scheme(project)
        try:
            staged = unpack(wheel, stage, scheme, self._environment.python, extra_files)
        except BaseException:
            for part in self._staging.glob(f"{stage.name}-*"):
                shutil.rmtree(part, ignore_errors=True)
            raise
        self._staged.append(staged)

    def commit(self, remove: Iterable[InstalledDistribution]) -> None:
        """Take these distributions out of the venv and put in what was staged.

        :raises ReferenceInstallerError: if the file system refuses; the venv is then between two
            states, and the same command again brings it to the second
        """
        # Every RECORD is read before the first change: one that cannot be is an error by then.
        doomed = [(it.dist_info, self._files_of(it.dist_info)) for it in remove]
        self._is_halfway = True
        try:
            for dist_info, files in doomed:
                # Without its dist-info it is not installed any more, whatever happens next.
                dist_info.rename(self._trash / dist_info.name)
                self._remove(files)
            for wheel in self._staged:
                _put_in_place(wheel)
        except OSError as error:
            raise ReferenceInstallerError(
                f"the venv {self._environment.folder} could not be changed: {error}",
                hint="see to its files and run the same command again",
            ) from error
        self._is_halfway = False

    def _files_of(self, dist_info: Path) -> tuple[Path, ...]:
        environment = self._environment
        return recorded_files(dist_info, environment.site_packages, environment.folder)

    def _remove(self, files: Iterable[Path]) -> None:
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

    def _readable_files_of(self, dist_info: Path) -> tuple[Path, ...]:
        try:
            return self._files_of(dist_info)
        except InvalidDistributionError:
            return ()


def _put_in_place(wheel: UnpackedWheel) -> None:
    """Move a staged wheel's files into the venv, its dist-info last of all."""
    for part in sorted(wheel.parts, key=lambda part: part == "purelib"):
        source, target = wheel.parts[part], wheel.scheme[part]
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(source.iterdir(), key=lambda entry: entry.name == wheel.dist_info):
            _move(entry, target / entry.name)


def _move(source: Path, target: Path) -> None:
    """Rename a file or folder; a folder that is there already is merged with."""
    if source.is_dir() and target.is_dir():
        for entry in source.iterdir():
            _move(entry, target / entry.name)
    else:
        source.replace(target)
