"""Where the files of a change wait for their places: in the venv, so that moving is renaming."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Stage:
    """Folders in which files wait, one for each folder of the venv that they go to.

    All wheels of a change share them: to make a folder and to remove it takes some file systems
    longer than to write what is in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._waiting: dict[str, str] = {}
        self._made = set[str]()

    def path_for(self, place: str, path: str) -> str:
        """Say where a file waits that goes to ``path`` in the folder ``place``; make its folder."""
        folder = self._waiting.get(place)
        if folder is None:
            folder = self._waiting[place] = f"{self._folder}/{len(self._waiting)}"
        target = f"{folder}/{path}"
        parent = target.rpartition("/")[0]
        if parent not in self._made:
            _make_folder(parent)
            self._made.add(parent)
        return target

    def discard(self, files: Iterable[str]) -> None:
        """Delete files that wait, and the folders in which nothing is left."""
        for file in files:
            with suppress(FileNotFoundError):
                os.unlink(file)
            folder = file.rpartition("/")[0]
            with suppress(OSError):  # where something is left
                while folder != self._folder:
                    os.rmdir(folder)
                    self._made.discard(folder)
                    folder = folder.rpartition("/")[0]

    def put_in_place(self) -> None:
        """Move everything to its place, each dist-info after all that it speaks of."""
        moves = []
        for place, folder in self._waiting.items():
            if os.path.isdir(folder):  # else all that waited there was discarded
                os.makedirs(place, exist_ok=True)
                moves += [(f"{folder}/{name}", f"{place}/{name}") for name in os.listdir(folder)]
        for source, target in sorted(moves, key=lambda move: move[0].endswith(".dist-info")):
            _move(source, target)


def _make_folder(folder: str) -> None:
    try:
        os.mkdir(folder)
    except OSError:  # there is no folder for it, or it is there
        os.makedirs(folder, exist_ok=True)


def _move(source: str, target: str) -> None:
    """Rename a file or folder; a folder that is there already is merged with."""
    try:
        os.replace(source, target)
    except OSError:
        if not (os.path.isdir(source) and os.path.isdir(target)):
            raise
        for name in os.listdir(source):
            _move(f"{source}/{name}", f"{target}/{name}")
