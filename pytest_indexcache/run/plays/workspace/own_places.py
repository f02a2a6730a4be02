"""Check that earlier steps have not made a step's paths lead out of the workspace."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import Workspace
from pytest_indexcache.plain_files import PYTHONS
from pytest_indexcache.run.plays.workspace.own_pythons import demand_own_python, demand_venv
from pytest_indexcache.run.plays.workspace.path_files import demand_paths_inside
from pytest_indexcache.run.plays.workspace.plain_places import demand_within
from pytest_indexcache.run.plays.workspace.walked_folders import walked_folders
from pytest_indexcache.run.plays.workspace.written_files import WrittenFiles
from pytest_indexcache.scenario.commands import command_parts, entered_folders
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Command, InstallerStep


class OwnPlaces:
    """Checks that an installer only uses paths inside the workspace."""

    def __init__(self, workspace: Workspace, installer: str) -> None:
        self._workspace = workspace
        self._root = workspace.root
        self._installer = installer
        self._written = WrittenFiles(workspace.root, installer)

    def demand(self, step: InstallerStep, scenario: Scenario, venv: Path) -> None:
        """Raise PlayError if a path that a step uses leads out of the workspace.

        This can happen through a link, a venv whose Python belongs to the machine, or a path in a
        file that an earlier step wrote.
        """
        entered = _entered_folders(step, self._installer)
        places = (self._root / name for name in entered)
        for path in (*places, venv, *self._workspace.own_folders):
            demand_within(self._root, path)
        named = [*_named_paths(step, scenario, self._installer, entered)]
        for name in named:
            if _leads_out(self._root, self._root / name):
                raise PlayError(
                    f"{name} leads out of the workspace through a symlink",
                    "name a folder that is not behind a symlink",
                )
        venvs = (self._root / folder / ".venv" for folder in entered)
        for place in (venv, *venvs, *(self._root / name for name in named)):
            _demand_own_python(self._root, place)
        walked = [*walked_folders(self._root, self._workspace.cache)]
        for folder in walked:
            demand_own_python(self._root, folder)
        self._written.demand_inside(walked, entered)
        self.demand_imports()

    def demand_imports(self) -> None:
        """Raise PlayError if a venv's Python would import modules from outside the workspace."""
        demand_paths_inside(self._root)


def _entered_folders(step: InstallerStep, installer: str) -> tuple[str, ...]:
    """Return the folders from which a step may resolve relative paths.

    The caller checks that no folder is reached through a link. Otherwise, ``..`` could lead to a
    folder other than the one that the path suggests.
    """
    if not isinstance(step, Command):
        return (step.folder,)
    return entered_folders(installer, step.command.get(installer, ""), step.folder)


def _named_paths(
    step: InstallerStep, scenario: Scenario, installer: str, folders: Sequence[str]
) -> Iterator[str]:
    """Yield the paths in a step and in the project's sources, relative to the workspace.

    Words in commands and environment variables are included, because they could be paths.
    """
    sources = [source for several in scenario.sources.values() for source in several]
    yield from (source.path for source in sources if source.path)
    for key in ("editable", "path", "paths", "find_links"):
        value = getattr(step, key, None) or ()
        yield from (value,) if isinstance(value, str) else value
    for key in ("file", "to"):
        if hasattr(step, key):
            yield f"{step.folder}/{getattr(step, key)}"
    words = [*step.env.values()]
    if isinstance(step, Command):
        parts = command_parts(installer, step.command.get(installer, ""))
        if parts is not None:
            # The folders that a command enters are checked separately.
            values = (given.value for given in parts.options if given.kind != "base")
            words += [*values, *parts.arguments]
    for word in words:
        pieces = filter(None, re.split(r"[=@, ]+", word))
        yield from (f"{folder}/{piece}" for piece in pieces for folder in folders)


def _leads_out(root: Path, path: Path) -> bool:
    """Return whether a path, or a folder on the way to it, is outside the workspace.

    A file may itself be a link to a file outside, as the Python of a venv often is.
    """
    places = [path.parent, *([path] if path.is_dir() else [])]
    inside = root.resolve()
    return not all(place.resolve().is_relative_to(inside) for place in places)


def _demand_own_python(root: Path, place: Path) -> None:
    """Raise PlayError if there is a venv at ``place`` that is not isolated from the machine."""
    folder = Path(os.path.normpath(place if place.is_dir() else place.parent.parent))
    if not folder.is_relative_to(root):
        return  # a word that is not a path, resolved from the workspace itself
    if any(path for name in PYTHONS for path in (folder / "bin").glob(f"{name}*")):
        demand_venv(root, folder)
