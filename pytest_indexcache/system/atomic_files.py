"""Write and remove files in one step, so that a killed process leaves no incomplete file."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

PARTIAL_SUFFIX: Final = ".partial"
"""The suffix of files that are still being written."""

_ATTEMPTS: Final = 3
_RUN: Final = os.urandom(8).hex()
_NUMBER: Final = count()


def write_atomically(path: str | Path, *pieces: bytes) -> None:
    """Write a file in one step, replacing an existing one.

    Other processes may remove the folder or its partial files at any time.
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
    """Write a file that a user named: in one step, or through a link, a device or a pipe.

    A path that is not a regular file, such as ``/dev/stdout``, is written to instead of replaced.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(data)
    else:
        write_atomically(path.resolve(), data)


def move_atomically(source: Path, target: str | Path) -> None:
    """Move a file into a folder of the same file system by renaming it; create a missing folder.

    Other processes may remove the folder at any time.
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
    """Copy a file with its change time, replacing an existing one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(_partial_beside(target))
    try:
        shutil.copy2(source, partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def remove_tree(folder: Path) -> bool:
    """Remove a folder and its contents; return whether it existed.

    The folder is renamed first, so that no process finds an incomplete folder.
    """
    doomed = Path(_partial_beside(folder))
    try:
        folder.rename(doomed)
    except (FileNotFoundError, NotADirectoryError):
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def remove_partial(folder: Path) -> int:
    """Remove partial files that killed processes left below a folder; return their number."""
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
