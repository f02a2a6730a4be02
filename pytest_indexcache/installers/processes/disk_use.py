"""Measure the disk space used by folders, and by deleted files that are still open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 512
"""The unit of ``st_blocks`` in bytes, on every file system (POSIX)."""


def disk_use(folders: Iterable[Path], processes: Iterable[int] = ()) -> int:
    """Return the number of bytes on the disk that folders and everything in them use.

    Deleted files that any of the ``processes`` still has open are included. A file with several
    hard links counts only once. Symlinks are not followed.
    """
    found: dict[tuple[int, int], int] = {}
    waiting: list[str | Path] = list(folders)
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                with suppress(OSError):
                    _add(found, entry.stat(follow_symlinks=False))
    for process in processes:
        for status in _open_files(process):
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                _add(found, status)
    return sum(found.values())


def _add(found: dict[tuple[int, int], int], status: os.stat_result) -> None:
    blocks = getattr(status, "st_blocks", None)  # Windows has no st_blocks
    size = status.st_size if blocks is None else blocks * _BLOCK_BYTES
    # Windows has no inode numbers in a folder's listing.
    found[status.st_dev, status.st_ino or -len(found)] = size


def _open_files(process: int) -> Iterable[os.stat_result]:
    with suppress(OSError):  # the process ended meanwhile
        folder = f"/proc/{process}/fd"
        for name in os.listdir(folder):  # noqa: PTH208 - called often
            with suppress(OSError):
                yield os.stat(f"{folder}/{name}")  # noqa: PTH116
