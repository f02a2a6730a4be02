"""Files that an installer wrote: what a later step reads in them stays in the workspace.

A relative path is inside for the folder in which it was written, and the same path in a file that
is read from another folder may be outside. What the scenario itself gives is checked before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from pytest_indexcache.errors import PlayError

_OF_ITS_FOLDER: Final = ("pyproject.toml", "uv.toml", "uv.lock", "poetry.lock")
"""The files whose paths start from their own folder, for every installer."""

_RECEIPTS: Final = ".home/.local/share/uv/tools/*/uv-receipt.toml"
"""What uv keeps of tools: uv 0.3.0 writes paths as they were given, and upgrades read them."""

_SUFFIXES: Final = (".in", ".lock", ".toml", ".txt")
_BETWEEN: Final = re.compile(r"[\s\"'=,;@#()\[\]]+")
_COMMENT: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_PREFIX: Final = re.compile(r"(?:\w+\+)?(?:file:(?://)?(?:/\$\{PROJECT_ROOT\}/)?)?")

_LARGEST: Final = 1 << 24
"""The bytes of a file that is still read before a step; lockfiles have a few millions."""

_FROM_THE_ROOT: Final = 1000
"""How far an absolute path climbs that has ``..``: installers write none."""


class _Climb(NamedTuple):
    """The path of a file that climbs most: how many folders above the one it starts from."""

    folders: int = 0
    word: str = ""


class WrittenFiles:
    """The files of a workspace that an installer may read paths from, each read when it changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._climbs: dict[Path, tuple[int, int, _Climb]] = {}

    def demand_inside(self, entered: Sequence[str]) -> None:
        """Raise PlayError where a path leads out from a folder that the next step works in."""
        for file in self._files():
            climb = self._climb_of(file)
            for folder in self._folders_of(file, entered):
                if climb.folders > len(PurePosixPath(os.path.normpath(folder)).parts):
                    raise self._leads_out(file, climb.word, f" from {folder}")

    def _folders_of(self, file: Path, entered: Sequence[str]) -> Sequence[str]:
        own = file.parent.relative_to(self._root).as_posix()
        if file.name in _OF_ITS_FOLDER:
            return (own,)
        # PDM reads a lockfile of any name from the folder of its project, entered last.
        return entered[-1:] if file.suffix == ".lock" else (own, *entered)

    def _climb_of(self, file: Path) -> _Climb:
        state = file.stat()
        modified, size, climb = self._climbs.get(file, (0, 0, _Climb()))
        if (modified, size) != (state.st_mtime_ns, state.st_size):
            if state.st_size > _LARGEST:
                raise PlayError(
                    f"{file.relative_to(self._root)} has {state.st_size:,} bytes: it is too large "
                    "to be looked at before a step",
                    "look at what the steps before it write there",
                )
            words = set(_BETWEEN.split(_COMMENT.sub("", file.read_text("utf-8", "replace"))))
            if file.suffix != ".toml" and file.name not in _OF_ITS_FOLDER:
                foreign = absolute_path(words, self._root)
                if foreign is not None:
                    raise self._leads_out(file, foreign)
            climb = highest_climb(words)
            self._climbs[file] = (state.st_mtime_ns, state.st_size, climb)
        return climb

    def _leads_out(self, file: Path, word: str, whence: str = "") -> PlayError:
        return PlayError(
            f"{file.relative_to(self._root)} has the path {word[:200]!r}, which leads out of the "
            f"workspace{whence}",
            "let the step run in the folder of the step that wrote it, if one did",
        )

    def _files(self) -> Iterator[Path]:
        yield from self._root.glob(_RECEIPTS)
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(folder, name)
                if name.endswith(_SUFFIXES) and file.is_file() and not file.is_symlink():
                    yield file


def highest_climb(words: Iterable[str]) -> _Climb:
    """Return how far the paths among words climb, absolute ones out of the root altogether."""
    found = _Climb()
    for word in words:
        path = _PREFIX.sub("", word, count=1)
        if ".." not in path.split("/"):
            continue
        parts = PurePosixPath(os.path.normpath(path)).parts
        folders = _FROM_THE_ROOT if parts[0] == "/" else parts.count("..")
        found = max(found, _Climb(folders, word))
    return found


def absolute_path(words: Iterable[str], root: Path) -> str | None:
    """Return an absolute path among words that is not in the workspace, None without one."""
    roots = {str(root), str(root.resolve())}
    for word in words:
        path = _PREFIX.sub("", word, count=1)
        if path.startswith("/"):
            place = os.path.normpath(path)
            if not any(place == it or place.startswith(f"{it}{os.sep}") for it in roots):
                return word
    return None
