"""Places of a workspace: none is reached through a symlink, and none is a pipe or a device.

What an installer left there is not trusted: a venv has a symlink to the machine's Python, and uv's
cache has more of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import uuid4

from pytest_indexcache.errors import PlayError
from pytest_indexcache.plain_files import unplain_entries

PYTHONS: Final = ("python", "pypy", "graalpy")
"""How the names of Pythons in a venv begin."""


def demand_plain(root: Path) -> None:
    """Raise PlayError for a link in a workspace that leads out of it, and for pipes and devices.

    This process reads and writes there, with more rights than what left them. The links by which
    a venv has its Python stay.
    """
    for path, kind in unplain_entries(root):
        if not _is_python(path):
            raise PlayError(
                f"{path.relative_to(root)} is {kind}, which the installer or a program that it "
                "started made",
                "look at the files of the scenario, and at the build backends that the step ran",
            )


def _is_python(path: Path) -> bool:
    is_named = path.parent.name == "bin" and path.name.startswith(PYTHONS)
    return is_named and path.is_file() and os.access(path, os.X_OK)


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
