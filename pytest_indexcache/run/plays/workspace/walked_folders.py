"""Walk through the folders of a workspace to check them before a step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

INSTALLED: Final = ("site-packages", "dist-packages")
"""Folders that are skipped: they contain thousands of files, and scenarios cannot name them."""


class WalkedFolder(NamedTuple):
    """A folder, and the names of the files and links in it."""

    path: Path
    files: tuple[str, ...]


def walked_folders(root: Path, cache: Path) -> Iterator[WalkedFolder]:
    """Yield the folders in a workspace, including hidden ones, without following links.

    Installed packages and the cache are omitted, because no step runs there, and only the installer
    writes there.
    """
    skipped = str(cache)
    waiting = [str(root)]  # plain strings take half the time of paths
    while waiting:
        folder = waiting.pop()
        files = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    files.append(entry.name)
                elif entry.name not in INSTALLED and entry.path != skipped:
                    waiting.append(entry.path)
        yield WalkedFolder(Path(folder), tuple(files))
