"""Find links, pipes and devices that an installer may have created in its workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import PlayError

LINK: Final = "a link out of the workspace"
SPECIAL: Final = "a named pipe, a socket or a device"
PYTHONS: Final = ("python", "pypy", "graalpy")
"""Prefixes of the names of Python executables in a venv."""


def demand_plain(root: Path, folder: Path | None = None) -> None:
    """Raise PlayError if a workspace contains a pipe, a device, or a link that leads out of it.

    This process has more rights than the installers, so it must not open or follow such an entry.
    Links from a venv to its Python are allowed. ``folder`` limits the check to one folder in the
    workspace.
    """
    looked_at = root if folder is None else folder
    is_moved = Path(os.path.realpath(looked_at)) != root.resolve() / looked_at.relative_to(root)
    for path, kind in [(looked_at, LINK)] if is_moved else unplain_entries(looked_at):
        if not _is_python(path):
            raise PlayError(
                f"{path.relative_to(root)} is {kind}, which the installer or a program that it "
                "started made",
                "check the files of the scenario, and the build backends that the step ran",
            )


def _is_python(path: Path) -> bool:
    is_named = path.parent.name == "bin" and path.name.startswith(PYTHONS)
    return is_named and path.is_file() and os.access(path, os.X_OK)


def unplain_entries(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each link that leads out of a folder, and each pipe, socket or device, with its kind.

    Opening such an entry could have an effect outside the folder, or block forever.
    """
    inside = os.path.realpath(root) + os.sep
    folders = [str(root)]  # strings take half as long as Path objects
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
