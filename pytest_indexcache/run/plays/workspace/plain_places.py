"""Places of a workspace: none is reached through a symlink, and none is a pipe or a device.

What an installer left there is not trusted: a venv has a symlink to the machine's Python, and uv's
cache has more of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from pytest_indexcache.errors import PlayError


def is_within(root: Path, path: Path) -> bool:
    """Return whether a path leads to a place below a folder without passing a symlink on its way.

    ``root`` may itself be reached by symlinks. A path that is not there yet is judged as far as it
    is there.
    """
    inside = os.path.normpath(path.relative_to(root))
    return ".." not in Path(inside).parts and path.resolve() == root.resolve() / inside


def write_text(root: Path, path: str, text: str) -> None:
    """Write a file of the workspace, in the place of what is there under this name.

    :raises PlayError: if the path leads through a symlink
    """
    write_bytes(root, path, (text.encode(),))


def write_bytes(root: Path, path: str, pieces: Iterable[bytes]) -> Path:
    """Write a file of the workspace, in the place of what is there, and return where it is.

    :raises PlayError: if the path leads through a symlink
    """
    target = root / path
    demand_within(root, target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = beside(target)
    with fresh.open("wb") as file:
        file.writelines(pieces)
    fresh.replace(target)
    return target


def demand_within(root: Path, path: Path) -> None:
    """Raise PlayError where a path of the workspace leads through a symlink."""
    if not is_within(root, path):
        raise PlayError(
            f"nothing is written at {path.relative_to(root)}: it leads through a symlink",
            "give a path in the workspace that an installer has not linked elsewhere",
        )


def beside(path: Path) -> Path:
    """Return a path in the same folder at which nothing is."""
    return path.with_name(f".{uuid4().hex}")
