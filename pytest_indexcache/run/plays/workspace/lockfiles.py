"""The lockfile of a step: the installer's own, or the file that resolved requirements go to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_indexcache.installers.commands.lockfiles import read_compiled
from pytest_indexcache.installers.contract.installer import Installer, LockedPackage, Workspace
from pytest_indexcache.scenario.tables.steps import AnyStep, Compile, SyncRequirements


class StepLockfile:
    """The lockfile that a step writes or goes by."""

    def __init__(self, step: AnyStep, workspace: Workspace, installer: Installer) -> None:
        self._folder = workspace.folder(getattr(step, "folder", "project"))
        self._installer = installer
        self._step = step

    @property
    def path(self) -> Path:
        """Where it lies, if it is there."""
        found = self._folder / self._installer.lockfile_of(self._step)
        if isinstance(self._step, SyncRequirements) and not found.exists():
            return self._folder / self._step.file
        return found

    @property
    def text(self) -> str | None:
        """Its text, which differs wherever its bytes do; None where it is not there."""
        try:
            return self.path.read_bytes().decode("utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None

    @property
    def packages(self) -> Mapping[str, tuple[LockedPackage, ...]]:
        """What it says, by project; empty where it is not there.

        :raises PlayError: if it cannot be read
        """
        if isinstance(self._step, Compile | SyncRequirements):
            return read_compiled(self.path)
        return self._installer.locked(self._folder)
