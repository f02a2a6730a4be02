"""Files of a play's workspace that the harness itself writes and breaks, never outside of it.

What an installer left there is not trusted: a venv has a symlink to the machine's Python, and uv's
cache has more of them. Nothing is opened through a symlink, and a file that has other names on the
disk (uv links the files of its cache into venvs) is replaced rather than written into.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from pytest_indexcache.errors import PlayError
from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Installer, Outcome, Workspace
from pytest_indexcache.plain_files import unplain_entries
from pytest_indexcache.scenario.commands import command_parts, entered_folders
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Damage
from pytest_indexcache.scenario.tables.steps import Command, Edit, InstallerStep

_PIECE: Final = 1 << 20
_PYTHONS: Final = ("python", "pypy", "graalpy")


class WorkspaceFiles:
    """The files of a workspace: projects are written once, and again when they are edited."""

    def __init__(self, workspace: Workspace, installer: Installer) -> None:
        self._workspace = workspace
        self._root = workspace.root
        self._installer = installer
        self._folders: set[str] = set()

    def begin(self, scenario: Scenario) -> None:
        """Make the folders, and write the files and the local projects of a scenario."""
        for folder in (self._root, self._workspace.home, self._workspace.cache):
            folder.mkdir(parents=True, exist_ok=True)
        self._write_files(scenario.files)
        self._write_local_projects(scenario)

    def write_project(self, scenario: Scenario, folder: str) -> None:
        """Write the project into a folder, if it is not yet there."""
        if folder not in self._folders:
            self._folders.add(folder)
            self._workspace.folder(folder).mkdir(parents=True, exist_ok=True)
            self._installer.write_project(scenario, folder, self._workspace)

    def demand_own(self, step: InstallerStep, scenario: Scenario, venv: Path) -> None:
        """Raise PlayError where a folder that a step works in or names has become a link."""
        entered = _entered_folders(step, self._installer.spec.name)
        folders = (self._root / folder for folder in entered)
        for path in (*folders, venv, *self._workspace.own_folders):
            demand_within(self._root, path)
        named = [*_named_paths(step, scenario, self._installer.spec.name, entered)]
        for name in named:
            if _leads_out(self._root, self._root / name):
                raise PlayError(
                    f"{name} leads out of the workspace by a symlink",
                    "name a folder that an installer has not linked elsewhere",
                )
        venvs = (self._root / folder / ".venv" for folder in entered)
        for place in (venv, *venvs, *(self._root / name for name in named)):
            _demand_own_python(self._root, place)

    def edit(self, step: Edit, scenario: Scenario) -> None:
        """Write the changes of a step; ``scenario`` is as the step leaves it."""
        self._write_files(step.files)
        self._write_local_projects(
            scenario.model_copy(update={"local_projects": step.local_projects})
        )
        touches = step.project.model_fields_set or step.sources is not None or step.project_files
        if touches:
            self._folders.discard(step.folder)
            self.write_project(scenario, step.folder)

    def _write_files(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            write_text(self._root, path, text)

    def _write_local_projects(self, scenario: Scenario) -> None:
        for name, project in scenario.local_projects.items():
            demand_within(self._root, self._root / project.path)
            write_local_project(self._root / project.path, name, project)

    def remove_venv(self, venv: Path) -> Outcome:
        """Take a venv away, if it is there."""
        if venv.exists():
            # It goes with the workspace: to remove thousands of files takes as long as to play.
            removed = self._root / ".removed"
            removed.mkdir(exist_ok=True)
            venv.rename(removed / uuid4().hex)
        return Outcome(ExitKind.SUCCESS, 0, f"rm -rf {venv.relative_to(self._root)}")

    def builds(self) -> Counter[str]:
        """Return how often each project was built since the play began."""
        log = self._workspace.build_log
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Counter(line.split()[0] for line in lines if line.strip())

    def has_written(self, given: Collection[str]) -> bool:
        """Whether something was built, or a file written that is not ``given``, paths of files."""
        if self.builds():
            return True
        written = (
            path.relative_to(self._root).as_posix()
            for folder in self._folders
            for path in self._workspace.folder(folder).iterdir()
            if path.is_file() and not path.name.startswith(".") and path.name != "pyproject.toml"
        )
        return any(path not in given for path in written)


def _entered_folders(step: InstallerStep, installer: str) -> tuple[str, ...]:
    """Return the folders from which a step may read relative paths.

    Through a link ``..`` leads elsewhere than it reads: none of them may have one on its way.
    """
    if not isinstance(step, Command):
        return (step.folder,)
    return (step.folder, *entered_folders(installer, step.command.get(installer, "")))


def _named_paths(
    step: InstallerStep, scenario: Scenario, installer: str, folders: Sequence[str]
) -> Iterator[str]:
    """Yield the paths that a step and the sources of the project name, from the workspace's root.

    Of a command, these are all words in which a path could stand.
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
            # The folders that a command enters are looked at themselves.
            values = (given.value for given in parts.options if given.kind != "base")
            words += [*values, *parts.arguments]
    for word in words:
        pieces = filter(None, re.split(r"[=@, ]+", word))
        yield from (f"{folder}/{piece}" for piece in pieces for folder in folders)


def _leads_out(root: Path, path: Path) -> bool:
    """Return whether a folder on the way to a path is outside, or a folder at its end.

    The Python of a venv is a link to a file outside, which is no way out.
    """
    places = [path.parent, *([path] if path.is_dir() else [])]
    inside = root.resolve()
    return not all(place.resolve().is_relative_to(inside) for place in places)


def _demand_own_python(root: Path, place: Path) -> None:
    """Raise PlayError where a venv, or its Python, has become a way to the machine's Python.

    Without its ``pyvenv.cfg`` a venv is none: its Python installs where the link leads (PEP 405).
    """
    folder = Path(os.path.normpath(place if place.is_dir() else place.parent.parent))
    if not folder.is_relative_to(root):
        return  # a word that is no path, seen from the workspace itself
    pythons = [path for name in _PYTHONS for path in (folder / "bin").glob(f"{name}*")]
    settings = folder / "pyvenv.cfg"
    is_venv = settings.is_file() and not settings.is_symlink()
    text = settings.read_text("utf-8", "replace").replace(" ", "") if is_venv else ""
    if pythons and not re.search(r"^include-system-site-packages=false$", text, re.MULTILINE):
        raise PlayError(
            f"{folder.relative_to(root)} has the Python of a venv, and no pyvenv.cfg that keeps "
            "the packages of the machine out",
            "let the step before make the venv anew",
        )


def demand_plain(root: Path) -> None:
    """Raise PlayError for a link in a workspace that leads out of it, and for pipes and devices.

    This process reads and writes there, with more rights than what left them. The links by which
    a venv has its Python stay.
    """
    for path, kind in unplain_entries(root):
        if not _is_python(path):
            raise PlayError(
                f"{path.relative_to(root)} is {kind}, which the installer or a program that it "
                "started made",
                "look at the files of the scenario, and at the build backends that the step ran",
            )


def _is_python(path: Path) -> bool:
    is_named = path.parent.name == "bin" and path.name.startswith(_PYTHONS)
    return is_named and path.is_file() and os.access(path, os.X_OK)


def is_within(root: Path, path: Path) -> bool:
    """Return whether a path leads to a place below a folder without passing a symlink on its way.

    ``root`` may itself be reached by symlinks. A path that is not there yet is judged as far as it
    is there.
    """
    inside = os.path.normpath(path.relative_to(root))
    return ".." not in Path(inside).parts and path.resolve() == root.resolve() / inside


def write_text(root: Path, path: str, text: str) -> None:
    """Write a file of the workspace, in the place of what is there under this name.

    :raises PlayError: if the path leads through a symlink
    """
    target = root / path
    demand_within(root, target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = _beside(target)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(target)


def demand_within(root: Path, path: Path) -> None:
    """Raise PlayError where a path of the workspace leads through a symlink."""
    if not is_within(root, path):
        raise PlayError(
            f"nothing is written at {path.relative_to(root)}: it leads through a symlink",
            "give a path in the workspace that an installer has not linked elsewhere",
        )


def damage_entries(cache: Path, step: Damage) -> None:
    """Break the files of an installer's cache that a step names; symlinks are left alone.

    :raises PlayError: if there is no such file
    """
    matching = sorted(cache.glob(step.entries))
    files = sorted({path.resolve() for path in matching if _is_file_of(cache, path)})
    if not files:
        raise _nothing_to_damage(step.entries, is_linked=any(map(_leads_elsewhere, matching)))
    for path in files:
        if step.how == "remove":
            path.unlink()
        else:
            _replace_damaged(path, step.how)


def _leads_elsewhere(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _nothing_to_damage(entries: str, *, is_linked: bool) -> PlayError:
    if is_linked:
        return PlayError(
            f"damage: {entries!r} matches in the installer's cache what is behind symlinks only",
            "no symlink is followed: give a glob for the files themselves",
        )
    return PlayError(
        f"damage: no file in the installer's cache matches {entries!r}",
        "the layout of the cache is the installer's own; give another glob",
    )


def _is_file_of(cache: Path, path: Path) -> bool:
    # Without it, or with half of it, the Python of a venv is the machine's.
    is_of_venv = path.name == "pyvenv.cfg"
    is_inside = Path(os.path.normpath(path)).is_relative_to(cache)
    is_ours = not is_of_venv and is_inside and is_within(cache.parent, path)
    return is_ours and stat.S_ISREG(path.lstat().st_mode)


def _replace_damaged(path: Path, how: str) -> None:
    """Put a broken file in the place of a whole one, whose other names keep what they had."""
    size = path.stat().st_size
    fresh = _beside(path)
    try:
        with fresh.open("xb") as file:
            if how == "truncate":
                for piece in _pieces(path, size // 2):
                    file.write(piece)
            else:
                file.truncate(size)  # zeros, which take no room on most disks
        shutil.copymode(path, fresh)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise


def _pieces(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length and (piece := file.read(min(length, _PIECE))):
            length -= len(piece)
            yield piece


def _beside(path: Path) -> Path:
    return path.with_name(f".{uuid4().hex}")
