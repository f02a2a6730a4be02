"""Write to paths in a workspace only if they are not symlinks, pipes or devices.

Files that an installer leaves behind are not trusted: a venv contains a symlink to the machine's
Python, and uv's cache contains other links that lead out of the workspace.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from pytest_indexcache.errors import PlayError


def is_within(root: Path, path: Path) -> bool:
    """Return whether a path is inside a folder and does not pass through a symlink.

    ``root`` itself may be reached through symlinks. If the path does not exist yet, its existing
    part is checked.
    """
    inside = os.path.normpath(path.relative_to(root))
    return ".." not in Path(inside).parts and path.resolve() == root.resolve() / inside


def write_text(root: Path, path: str, text: str) -> None:
    """Write text to a path in the workspace, replacing any file there.

    :raises PlayError: if the path leads through a symlink
    """
    write_bytes(root, path, (text.encode(),))


def write_bytes(root: Path, path: str, pieces: Iterable[bytes]) -> Path:
    """Write bytes to a path in the workspace, replacing any file, and return the full path.

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
    """Raise PlayError if a path in the workspace leads through a symlink."""
    if not is_within(root, path):
        raise PlayError(
            f"nothing is written at {path.relative_to(root)}: it leads through a symlink",
            "give a path in the workspace that is not behind a symlink",
        )


def beside(path: Path) -> Path:
    """Return an unused path in the same folder."""
    return path.with_name(f".{uuid4().hex}")
