"""Write the harness's own files into the workspace of a play, and never outside it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from pytest_indexcache.index.documents.local_files import local_file
from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Installer, Outcome, Workspace
from pytest_indexcache.run.plays.workspace.file_changes import change_files
from pytest_indexcache.run.plays.workspace.plain_places import (
    demand_within,
    write_bytes,
    write_text,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.tables.fields import moment_of
from pytest_indexcache.scenario.tables.project import LocalFile
from pytest_indexcache.scenario.words import limits


class WorkspaceFiles:
    """Writes the files of a play into its workspace.

    The project is written into a folder before the first step there, and again after each edit.
    """

    def __init__(self, workspace: Workspace, installer: Installer) -> None:
        self._workspace = workspace
        self._root = workspace.root
        self._installer = installer
        self._folders: set[str] = set()
        self._changed: dict[str, str] = {}
        self._room = limits.REPLACED

    def begin(self, scenario: Scenario) -> None:
        """Create the folders, and write the scenario's files and local projects."""
        for folder in (self._root, self._workspace.home, self._workspace.cache):
            folder.mkdir(parents=True, exist_ok=True)
        self._write_files(scenario.files)
        self._write_local_files(scenario.local_files)
        self._write_local_projects(scenario)
        self._write_netrc(scenario)

    def write_project(self, scenario: Scenario, folder: str) -> None:
        """Write the project into a folder, unless it has already been written there."""
        if folder not in self._folders:
            self._folders.add(folder)
            self._workspace.folder(folder).mkdir(parents=True, exist_ok=True)
            self._installer.write_project(scenario, folder, self._workspace)

    def edit(self, step: Edit, scenario: Scenario) -> None:
        """Apply an edit to the files; ``scenario`` is the scenario after the step."""
        self._write_files(step.files)
        self._write_local_files(step.local_files)
        self._changed = {
            path: text for path, text in self._changed.items() if path not in step.files
        }
        now = scenario.model_copy(update={"files": {**scenario.files, **self._changed}})
        changed = change_files(self._root, step, now, self._room)
        self._room -= sum(map(len, changed.values()))
        self._changed |= changed
        self._write_local_projects(
            scenario.model_copy(update={"local_projects": step.local_projects})
        )
        if step.access:
            self._write_netrc(scenario)
        touches = (
            step.project.model_fields_set
            or step.sources is not None
            or step.access
            or step.project_files
        )
        if touches:
            self._folders.discard(step.folder)
            self.write_project(scenario, step.folder)

    def _write_netrc(self, scenario: Scenario) -> None:
        """Write the netrc file in the home folder, or an empty one if no login is left."""
        lines = [
            f"machine {urlsplit(scenario.indexes[name].url).hostname} login {login[0]}"
            f" password {login[1]}\n"
            for name, access in scenario.access.items()
            if access.netrc and (login := scenario.login_of(name))
        ]
        path = self._workspace.home.relative_to(self._root) / ".netrc"
        if lines or (self._root / path).exists():
            # Python's netrc module refuses a file that others may read.
            write_bytes(self._root, path.as_posix(), ["".join(lines).encode()]).chmod(0o600)

    def _write_files(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            write_text(self._root, path, text)

    def _write_local_files(self, files: Mapping[str, LocalFile]) -> None:
        for path, file in files.items():
            target = write_bytes(self._root, path, local_file(path, file))
            if file.modified is not None:
                at = moment_of(file.modified, time.time())
                os.utime(target, (at, at))

    def _write_local_projects(self, scenario: Scenario) -> None:
        for name, project in scenario.local_projects.items():
            demand_within(self._root, self._root / project.path)
            write_local_project(self._root / project.path, name, project)

    def remove_venv(self, venv: Path) -> Outcome:
        """Remove a venv if it exists."""
        if venv.exists():
            # Renamed, not deleted: deleting thousands of files takes as long as a play.
            removed = self._root / ".removed"
            removed.mkdir(exist_ok=True)
            venv.rename(removed / uuid4().hex)
        return Outcome(ExitKind.SUCCESS, 0, f"rm -rf {venv.relative_to(self._root)}")

    def builds(self) -> Counter[str]:
        """Return how many times each project has been built in this play."""
        log = self._workspace.build_log
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Counter(line.split()[0] for line in lines if line.strip())

    def has_written(self, given: Collection[str]) -> bool:
        """Return whether anything was built, or any file other than ``given`` was written."""
        if self.builds():
            return True
        written = (
            path.relative_to(self._root).as_posix()
            for folder in self._folders
            for path in self._workspace.folder(folder).iterdir()
            if path.is_file() and not path.name.startswith(".") and path.name != "pyproject.toml"
        )
        return any(path not in given for path in written)
