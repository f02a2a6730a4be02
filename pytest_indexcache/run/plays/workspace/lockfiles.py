"""The lockfile for a step: the installer's own lockfile, or the output file of ``compile``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_indexcache.installers.commands.locks.lockfiles import read_compiled
from pytest_indexcache.installers.contract.installer import Installer, LockedPackage, Workspace
from pytest_indexcache.scenario.tables.steps import AnyStep, Compile, SyncRequirements


class StepLockfile:
    """The lockfile that a step writes or uses."""

    def __init__(self, step: AnyStep, workspace: Workspace, installer: Installer) -> None:
        self._folder = workspace.folder(getattr(step, "folder", "project"))
        self._installer = installer
        self._step = step

    @property
    def path(self) -> Path:
        """The path of the lockfile, whether or not it exists."""
        found = self._folder / self._installer.lockfile_of(self._step)
        if isinstance(self._step, SyncRequirements) and not found.exists():
            return self._folder / self._step.file
        return found

    @property
    def text(self) -> str | None:
        """The text of the lockfile, or None if there is no lockfile.

        Bytes that are not valid UTF-8 are preserved as surrogate escapes.
        """
        try:
            return self.path.read_bytes().decode("utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None

    @property
    def packages(self) -> Mapping[str, tuple[LockedPackage, ...]]:
        """The packages in the lockfile, by project; empty if there is no lockfile.

        :raises PlayError: if the lockfile cannot be read
        """
        if isinstance(self._step, Compile | SyncRequirements):
            return read_compiled(self.path)
        return self._installer.locked(self._folder)
