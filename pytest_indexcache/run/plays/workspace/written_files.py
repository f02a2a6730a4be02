"""Files that an installer wrote: what a later step reads in them stays in the workspace.

A relative path is inside for the folder in which it was written, and the same path in a file that
is read from another folder may be outside. What the scenario itself gives is checked before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import PlayError

_OF_ITS_FOLDER: Final = ("pyproject.toml", "uv.toml", "uv.lock", "poetry.lock")
"""The files whose paths start from their own folder, for every installer."""

_RECEIPTS: Final = ".home/.local/share/uv/tools/*/uv-receipt.toml"
"""What uv keeps of tools: uv 0.3.0 writes paths as they were given, and upgrades read them."""

_SUFFIXES: Final = (".in", ".lock", ".toml", ".txt")
_BETWEEN: Final = re.compile(r"[\s\"'=,;@()\[\]]+")
_COMMENT: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_PREFIX: Final = re.compile(r"(?:\w+\+)?(?:file:(?://)?(?:/\$\{PROJECT_ROOT\}/)?)?")


class WrittenFiles:
    """The files of a workspace that an installer may read paths from, each looked at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: set[tuple[Path, int, int, tuple[str, ...]]] = set()

    def demand_inside(self, entered: Sequence[str]) -> None:
        """Raise PlayError where a path leads out from a folder that the next step works in."""
        for file in self._files():
            state = file.stat()
            key = file, state.st_mtime_ns, state.st_size, tuple(entered)
            if key in self._seen:
                continue
            text = file.read_text("utf-8", "replace")
            own = file.parent.relative_to(self._root).as_posix()
            is_list = file.suffix != ".toml" and file.name not in _OF_ITS_FOLDER
            for folder in (own,) if file.name in _OF_ITS_FOLDER else (own, *entered):
                path = path_leading_out(text, self._root, folder, absolute=is_list)
                if path is not None:
                    raise PlayError(
                        f"{file.relative_to(self._root)} has the path {path[:200]!r}, which leads "
                        f"out of the workspace from {folder}",
                        "let the step run in the folder of the step that wrote it, if one did",
                    )
            self._seen.add(key)

    def _files(self) -> Iterator[Path]:
        yield from self._root.glob(_RECEIPTS)
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(folder, name)
                if name.endswith(_SUFFIXES) and file.is_file() and not file.is_symlink():
                    yield file


def path_leading_out(text: str, root: Path, folder: str, *, absolute: bool = False) -> str | None:
    """Return the first path of a text that leads out of the workspace from one of its folders.

    Of absolute paths those that climb count, and with ``absolute`` all of them.
    """
    roots = {str(root), str(root.resolve())}
    for word in _BETWEEN.split(_COMMENT.sub("", text)):
        path = _PREFIX.sub("", word, count=1)
        if ".." in path.split("/") or (absolute and path.startswith("/")):
            place = os.path.normpath(root / folder / path)
            if not any(place == it or place.startswith(f"{it}{os.sep}") for it in roots):
                return word
    return None
