"""Write, move and remove files so that no process finds them incomplete."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

PARTIAL_SUFFIX: Final = ".partial"
"""The suffix of files that are being written."""

_ATTEMPTS: Final = 3
_RUN: Final = os.urandom(8).hex()
_NUMBER: Final = count()


def write_atomically(path: str | Path, *pieces: bytes) -> None:
    """Write a file under a temporary name, and rename it, replacing any existing file.

    If another process removes the folder, the folder is created again.
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


def write_named_file(path: Path, data: bytes) -> None:
    """Write a file that the user named.

    A regular file is replaced atomically. If the path is a symlink, its target is replaced. Devices
    and pipes, such as ``/dev/stdout``, are written to directly.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(data)
    else:
        write_atomically(path.resolve(), data)


def move_atomically(source: Path, target: str | Path) -> None:
    """Rename a file, and create the target's folder if necessary.

    Both paths must be on the same file system.
    """
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
    """Copy a file with its modification time, and replace any existing file atomically."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(_partial_beside(target))
    try:
        shutil.copy2(source, partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def remove_tree(folder: Path) -> bool:
    """Remove a folder with its contents, and return whether it existed.

    The folder is renamed first, so that no other process finds it partly removed.
    """
    doomed = Path(_partial_beside(folder))
    try:
        folder.rename(doomed)
    except (FileNotFoundError, NotADirectoryError):
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def remove_partial(folder: Path) -> int:
    """Remove partial files that killed processes left in a folder, and return their number."""
    leftovers = sorted(folder.rglob(f".*{PARTIAL_SUFFIX}"))
    for path in leftovers:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(leftovers)


def _partial_beside(path: str | Path) -> str:
    # Process numbers are unique on one machine, but not among its containers.
    name = f".{os.getpid()}-{_RUN}-{next(_NUMBER)}{PARTIAL_SUFFIX}"
    return os.path.join(os.path.dirname(path), name)
