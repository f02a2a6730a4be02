"""Files that other processes see whole or not at all, whenever this one is killed."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

PARTIAL_SUFFIX: Final = ".partial"
"""How the names of files end that are still being written."""

_ATTEMPTS: Final = 3
_RUN: Final = os.urandom(8).hex()
_NUMBER: Final = count()


def write_atomically(path: str | Path, *pieces: bytes) -> None:
    """Write a file in one step, in place of one that may be there.

    Another process may remove the folder, or clear partial files away, at any moment.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        partial = _partial_beside(path)
        try:
            with open(partial, "xb", buffering=0) as file:
                rest = b"".join(pieces)
                while rest:
                    rest = rest[file.write(rest) :]
            os.replace(partial, path)
        except FileNotFoundError:
            if attempt == _ATTEMPTS:
                raise
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(partial)
            raise
        else:
            return


def move_atomically(source: Path, target: str | Path) -> None:
    """Rename a file of the same file system into a folder that may not be there, or may go."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            os.replace(source, target)
        except FileNotFoundError:
            if attempt == _ATTEMPTS or not source.exists():
                raise
            os.makedirs(os.path.dirname(target), exist_ok=True)
        else:
            return


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a file with its time of change, in place of one that may be there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(_partial_beside(target))
    try:
        shutil.copy2(source, partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def remove_tree(folder: Path) -> bool:
    """Remove a folder with all that is in it; return whether there was one.

    It is renamed first, so that nobody finds half of it.
    """
    doomed = Path(_partial_beside(folder))
    try:
        folder.rename(doomed)
    except (FileNotFoundError, NotADirectoryError):
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def remove_partial(folder: Path) -> int:
    """Remove what killed processes left half-written below a folder; return how much."""
    leftovers = sorted(folder.rglob(f".*{PARTIAL_SUFFIX}"))
    for path in leftovers:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(leftovers)


def _partial_beside(path: str | Path) -> str:
    # The number of a process is its own on one machine, and not in every container of it.
    name = f".{os.getpid()}-{_RUN}-{next(_NUMBER)}{PARTIAL_SUFFIX}"
    return os.path.join(os.path.dirname(path), name)
