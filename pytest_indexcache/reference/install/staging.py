"""Where the files of a change wait for their places: in the venv, so that moving is renaming."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Stage:
    """Folders in which files wait, one for each folder of the venv that they go to.

    All wheels of a change share them: to make a folder and to remove it takes some file systems
    longer than to write what is in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._waiting: dict[str, str] = {}
        self._made = set[str]()

    def open(self, place: str, path: str, *, executable: bool) -> int:
        """Open a file that goes to ``path`` in the folder ``place``, and return its descriptor.

        Where several wheels have a file it is that of the last one.

        :raises OSError: if there is a folder where the file goes, or a file where its folder does
        """
        target = f"{self._folder_for(place)}/{path}"
        self._make_folder(target.rpartition("/")[0])
        mode = 0o777 if executable else 0o666
        try:
            return os.open(target, _NEW_FILE, mode)
        except FileExistsError:
            if os.path.isdir(target):
                raise
            os.unlink(target)
            return os.open(target, _NEW_FILE, mode)

    def occupied(self, doomed: Collection[str]) -> str | None:
        """Return a place in the venv that is a folder for a file, or a file for a folder.

        What is ``doomed`` is removed before, and makes room.
        """
        for place, folder in self._waiting.items():
            found = _occupied(folder, place, doomed)
            if found is not None:
                return found
        return None

    def put_in_place(self) -> None:
        """Move everything to its place, each dist-info after all that it speaks of."""
        moves = []
        for place, folder in self._waiting.items():
            os.makedirs(place, exist_ok=True)
            moves += [(f"{folder}/{name}", f"{place}/{name}") for name in os.listdir(folder)]
        for source, target in sorted(moves, key=lambda move: move[0].endswith(".dist-info")):
            _move(source, target)

    def _folder_for(self, place: str) -> str:
        return self._waiting.setdefault(place, f"{self._folder}/{len(self._waiting)}")

    def _make_folder(self, folder: str) -> None:
        if folder in self._made:
            return
        try:
            os.mkdir(folder)
        except OSError:  # there is no folder for it, or it is there
            os.makedirs(folder, exist_ok=True)
        self._made.add(folder)


def _occupied(source: str, target: str, doomed: Collection[str]) -> str | None:
    if not os.path.lexists(target):
        return None
    if os.path.isdir(source) and os.path.isdir(target):
        found = (_occupied(f"{source}/{it}", f"{target}/{it}", doomed) for it in os.listdir(source))
        return next((place for place in found if place is not None), None)
    if os.path.isdir(source):
        return None if target in doomed else target
    if os.path.isdir(target) and not os.path.islink(target):
        kept = (f"{top}/{it}" for top, _, names in os.walk(target) for it in names)
        return None if all(path in doomed for path in kept) else target
    return None


def _move(source: str, target: str) -> None:
    """Rename a file or folder; a folder that is there already is merged with."""
    try:
        os.replace(source, target)
    except OSError:
        if not (os.path.isdir(source) and os.path.isdir(target)):
            raise
        for name in os.listdir(source):
            _move(f"{source}/{name}", f"{target}/{name}")
