"""Folders in which somebody less trusted wrote, and what in them is no plain file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LINK: Final = "a link out of the workspace"
SPECIAL: Final = "a named pipe, a socket or a device"


def unplain_entries(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each link that leads out of a folder, each pipe, socket and device, with its kind.

    To open one of these reads or writes elsewhere, or waits for ever.
    """
    inside = os.path.realpath(root) + os.sep
    folders = [str(root)]  # plain strings take half the time of paths
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_symlink():
                    if not os.path.realpath(entry.path).startswith(inside):
                        yield Path(entry.path), LINK
                elif not entry.is_file(follow_symlinks=False):
                    yield Path(entry.path), SPECIAL
