"""``indexcache home``: show or clean the folder that holds installers and the store of plays."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import STORE_NAME, add_command
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable
from pytest_indexcache.scenario.tables.fields import human_size

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "installers": ("installers",),
    "plays": (STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm"),
    "servers": ("servers",),
    "lists": ("releases",),
    "pythons": ("pythons", "interpreters", "virtualenv"),
}
"""The names of files and folders of each kind, the only ones that are ever removed."""

DESCRIPTION: Final = """\
The folder is INDEXCACHE_HOME, or a folder in the user's cache if that is not set.
Removed files are recreated when they are needed: releases are then installed again,
and the plays of the store are played again.

  indexcache home
  indexcache home --clean plays --clean lists
  indexcache home --clean installers

kinds:
  installers  installed releases of installers
  plays       the store of earlier plays
  servers     index servers that interop installed
  lists       lists of the releases on an index
  pythons     facts about the Pythons of this machine

Do not clean while anything is being played.
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache home``."""
    summary = "show or clean the folder for installers and plays"
    parser = add_command(commands, "home", run, summary, DESCRIPTION)
    parser.add_argument(
        "--clean",
        action="append",
        choices=(*KINDS, "all"),
        default=[],
        help="remove the files of one kind, or all; may be repeated",
    )


def run(chosen: argparse.Namespace) -> int:
    """Remove the chosen kinds of files, then print the folder and the size of each kind."""
    from pytest_indexcache.installers.provisioning.home import cache_home

    home = cache_home()
    kinds = tuple(KINDS) if "all" in chosen.clean else tuple(dict.fromkeys(chosen.clean))
    for kind in kinds:
        size = _size_of_kind(home, kind)
        _remove(home, kind)
        sys.stdout.write(f"removed {kind}: {human_size(size)}\n")
    sys.stdout.write(f"{printable(str(home))}\n")
    for kind in KINDS:
        sys.stdout.write(_row(kind, _size_of_kind(home, kind)))
        folder = home / kind
        if kind == "installers" and folder.is_dir():
            for installer in sorted(folder.iterdir()):
                sys.stdout.write(_row(f"  {installer.name}", _size(installer)))
    return 0


def _row(name: str, size: int) -> str:
    return f"  {printable(name):14} {human_size(size):>10}\n"


def _size_of_kind(home: Path, kind: str) -> int:
    return sum(_size(home / name) for name in KINDS[kind])


def _size(path: Path) -> int:
    """Return the size in bytes of a file, or of all files in a folder; symlinks count as 0."""
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            status = (Path(folder) / name).lstat()
            total += status.st_size
    return total


def _remove(home: Path, kind: str) -> None:
    """Remove the files of a kind; the targets of symlinks are kept."""
    from pytest_indexcache.system.atomic_files import remove_tree

    for name in KINDS[kind]:
        path = home / name
        try:
            if path.is_dir() and not path.is_symlink():
                remove_tree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be removed: {error.strerror or error}",
                "check the permissions of the folder, and that nothing is being played",
            ) from error
