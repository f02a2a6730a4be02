"""Check that paths in files written by an installer do not lead out of the workspace.

A relative path may stay inside the workspace when it is resolved from the folder for which it was
written. When a later step resolves it from a different folder, it may lead out of the workspace.
The scenario's own files are checked when the scenario is loaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import unquote

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.own_scripts import demand_own_scripts
from pytest_indexcache.run.plays.workspace.walked_folders import WalkedFolder

_PROJECT: Final = "pyproject.toml"
_OF_ITS_FOLDER: Final = (_PROJECT, "uv.toml", "uv.lock", "poetry.lock")
"""The files in which every installer resolves paths relative to the file's own folder."""

_OF_OTHERS: Final = (_PROJECT, "poetry.lock")
"""The files in which only ``file:`` URLs are treated as absolute paths.

They also contain other strings, such as descriptions, that may look like paths.
"""

_LOCKFILE: Final = re.compile(r".*\.lock|pylock(?:\.[^/]+)?\.toml")
_READ: Final = re.compile(r".*\.(?:in|lock|toml|txt)|\.python-version")
_WHEEL: Final = ".whl"
_BETWEEN: Final = re.compile(r"[\s\"'=,;@#()\[\]]+")
_COMMENT: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_PREFIX: Final = re.compile(r"(?:\w+\+)?(?:file:(?://)?)?")
_VARIABLE: Final = re.compile(r".*\{[^{}]*\}/*")
"""Matches a path up to and including its last variable, such as ``${PROJECT_ROOT}``."""

_LITERAL: Final = re.compile(r"setuptools\.build_meta|flit_core\.buildapi|hatchling\.build")
"""Matches build backends for which PDM 2.29.3 does not expand ``${PROJECT_ROOT}``."""

_LARGEST: Final = 1 << 24
"""The maximum size of a file to read, in bytes; lockfiles are a few MB in size."""

_UNPACKED: Final = 3
"""The minimum depth at which an sdist is unpacked in the workspace: ``.home/tmp/NAME``."""


class _Climb(NamedTuple):
    """A path in a file, and the number of levels that it climbs above its starting folder."""

    folders: int = 0
    word: str = ""


class _Paths(NamedTuple):
    """The highest climbs among the paths in a file, depending on how the paths begin.

    ``plain`` is the highest climb of a path without a variable, ``variable`` of a path that begins
    with any variable, and ``dollar`` of a path that begins with ``${PROJECT_ROOT}``. If
    ``is_literal`` is true, PDM does not expand this variable for this project. The path then begins
    with a folder of that name at the root of the disk.
    """

    plain: _Climb = _Climb()
    variable: _Climb = _Climb()
    dollar: _Climb = _Climb()
    is_literal: bool = False


class WrittenFiles:
    """Checks the files in a workspace that an installer may read, rereading those that change."""

    def __init__(self, root: Path, installer: str) -> None:
        self._root = root
        self._installer = installer
        self._paths: dict[Path, tuple[int, int, _Paths]] = {}

    def demand_inside(self, folders: Sequence[WalkedFolder], entered: Sequence[str]) -> None:
        """Raise PlayError if a path in a file would lead the next step out of the workspace.

        ``entered`` lists the folders from which the step may resolve paths, starting with the
        step's own folder.
        """
        files = [folder.path / name for folder in folders for name in folder.files]
        files = [file for file in files if _READ.fullmatch(file.name) or file.suffix == _WHEEL]
        # Reading a named pipe would never end; a contained play ends if there is one.
        plain = [file for file in files if file.is_file() and not file.is_symlink()]
        paths = {file: self._paths_of(file) for file in plain}
        # An empty file only ends an upward search: it is not a project.
        projects = {
            self._folder_of(file): found.is_literal
            for file, found in paths.items()
            if file.name == _PROJECT and file.stat().st_size
        }
        for file, found in paths.items():
            for start in self._starts(file, entered, projects):
                if found.plain.folders > _depth(start):
                    raise self._leads_out(file, found.plain.word, f" from {start}")
            for start in self._starts_of_variables(file, entered, projects):
                if found.variable.folders > _depth(start):
                    raise self._leads_out(file, found.variable.word, f" from {start}")
                if found.dollar.folders and projects.get(start):
                    raise self._leads_out(file, found.dollar.word, f" for the project in {start}")

    def _starts(
        self, file: Path, entered: Sequence[str], projects: Collection[str]
    ) -> Iterable[str]:
        """Return the folders from which an installer may resolve a file's paths.

        This applies to paths that contain no variable.
        """
        own = self._folder_of(file)
        if file.name in _OF_ITS_FOLDER:
            return (own,)
        if self._installer != "pdm":
            return (own, *entered)
        roots = _pdm_projects(entered, projects)
        return roots if _LOCKFILE.fullmatch(file.name) else {own, *entered, *roots}

    def _starts_of_variables(
        self, file: Path, entered: Sequence[str], projects: Collection[str]
    ) -> Iterable[str]:
        """Return the folders that a variable in a file's paths may stand for.

        For PDM, these include project folders above the file, which may form a PDM workspace.
        """
        own = self._folder_of(file)
        if self._installer != "pdm":
            return (own, *entered)
        return {own, *_above(own, projects), *_pdm_projects(entered, projects)}

    def _folder_of(self, file: Path) -> str:
        return file.parent.relative_to(self._root).as_posix()

    def _paths_of(self, file: Path) -> _Paths:
        state = file.stat()
        changed, size, paths = self._paths.get(file, (0, 0, _Paths()))
        # The time of the last status change (ctime) cannot be set, unlike the modification time.
        if (changed, size) != (state.st_ctime_ns, state.st_size):
            if file.suffix != _WHEEL:
                paths = self._read(file, state.st_size)
            if file.suffix == _WHEEL or file.name == _PROJECT:
                demand_own_scripts(self._root, file)
            self._paths[file] = (state.st_ctime_ns, state.st_size, paths)
        return paths

    def _read(self, file: Path, size: int) -> _Paths:
        if size > _LARGEST:
            raise PlayError(
                f"{file.relative_to(self._root)} has {size:,} bytes: it is too large to be looked "
                "at before a step",
                "look at what the steps before it write there",
            )
        text = _COMMENT.sub("", file.read_text("utf-8", "replace"))
        words = set(_BETWEEN.split(text))
        foreign = absolute_path(words, self._root, only_urls=file.name in _OF_OTHERS)
        if foreign is not None:
            raise self._leads_out(file, foreign)
        paths = highest_climbs(words)
        highest = max(paths.plain, paths.variable)
        if file.name == _PROJECT and highest.folders > _UNPACKED:
            whence = " from a source distribution that is unpacked"
            raise self._leads_out(file, highest.word, whence)
        return paths._replace(is_literal=_LITERAL.search(text) is not None)

    def _leads_out(self, file: Path, word: str, whence: str = "") -> PlayError:
        return PlayError(
            f"{file.relative_to(self._root)} has the path {word[:200]!r}, which leads out of the "
            f"workspace{whence}",
            "let the step run in the folder of the step that wrote it, if one did",
        )


def _depth(folder: str) -> int:
    return len(PurePosixPath(os.path.normpath(folder)).parts)


def _pdm_projects(entered: Sequence[str], projects: Collection[str]) -> set[str]:
    """Return the folders that PDM may use as the project's folder.

    If there are ``--project`` options, the last one names the folder. Otherwise, PDM searches
    upwards for a project file, and from there further up for a PDM workspace that includes the
    project.
    """
    named = entered[1:] or entered[:1]
    return {*named, *(above for folder in named for above in _above(folder, projects))}


def _above(folder: str, projects: Collection[str]) -> Iterator[str]:
    parents = PurePosixPath(os.path.normpath(folder)).parents
    return (str(parent) for parent in parents if str(parent) in projects)


def highest_climbs(words: Iterable[str]) -> _Paths:
    """Search words for relative paths, and return the highest climbs."""
    plain = variable = dollar = _Climb()
    for word in words:
        if ".." not in (path := unquote(word)):
            continue
        if found := _VARIABLE.match(path):
            climb = _Climb(_climb(path[found.end() :]), word)
            variable = max(variable, climb)
            dollar = max(dollar, climb) if "${" in path else dollar
        elif not (path := _PREFIX.sub("", path, count=1)).startswith("/"):
            plain = max(plain, _Climb(_climb(path), word))
    return _Paths(plain, variable, dollar)


def _climb(path: str) -> int:
    """Return the number of levels that a path climbs above its starting folder."""
    depth = highest = 0
    for part in path.split("/"):
        if part not in ("", "."):
            depth += -1 if part == ".." else 1
            highest = min(highest, depth)
    return -highest


def absolute_path(words: Iterable[str], root: Path, *, only_urls: bool = False) -> str | None:
    """Return the first word that is an absolute path leading out of the workspace, or None.

    With ``only_urls``, only paths after ``file:`` count.
    """
    roots = (root, root.resolve())
    for word in words:
        path = unquote(word)
        plain = _PREFIX.sub("", path, count=1)
        is_url = "file:" in path[: len(path) - len(plain)]
        if not plain.startswith("/") or _VARIABLE.match(plain) or (only_urls and not is_url):
            continue
        # Through a link, ".." leads to another folder. The Python of a venv is itself a link.
        real = Path(plain) if Path(plain).is_dir() else Path(plain).parent
        places = (Path(os.path.normpath(plain)), real.resolve())
        if not all(any(place.is_relative_to(folder) for folder in roots) for place in places):
            return word
    return None
