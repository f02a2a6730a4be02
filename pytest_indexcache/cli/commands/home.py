"""``indexcache home``: show or clean the folder that holds installed releases and earlier plays."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import STORE_NAME, add_command
from pytest_indexcache.cli.terminal.progress import Progress
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "installers": ("installers",),
    "plays": (STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm"),
    "servers": ("servers",),
    "lists": ("releases",),
    "pythons": ("pythons", "interpreters", "virtualenv"),
}
"""Maps each kind of content to its files and folders. Nothing else is ever removed."""

_LARGEST: Final = "installers"
"""The kind with the most files, which is counted last.

The size of each of its parts is shown as soon as it is known.
"""

_OFTEN: Final = 1000
"""The status line is updated each time this many files have been counted."""

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
    """Remove the chosen kinds of content, then print the folder and the size of each kind.

    Each size is printed as soon as it is known, because counting may take a long time.
    """
    from pytest_indexcache.installers.provisioning.home import cache_home
    from pytest_indexcache.scenario.tables.fields import human_size

    home = cache_home()
    kinds = tuple(KINDS) if "all" in chosen.clean else tuple(dict.fromkeys(chosen.clean))
    with Progress(sys.stderr) as progress:
        sizes = _Sizes(progress)
        for kind in kinds:
            size = sum(sizes.of(home / name) for name in KINDS[kind])
            progress.now(f"removing {kind}")
            _remove(home, kind)
            _show(progress, f"removed {kind}: {human_size(size)}\n")
        _show(progress, f"{printable(str(home))}\n")
        for kind in sorted(KINDS, key=lambda kind: kind == _LARGEST):
            total = 0
            for path in _parts(home, KINDS[kind]):
                size = sizes.of(path)
                total += size
                if kind == _LARGEST:
                    _show(progress, _row(f"  {path.name}", human_size(size)))
            _show(progress, _row(kind, human_size(total)))
    return 0


def _show(progress: Progress, text: str) -> None:
    progress.now("")
    sys.stdout.write(text)
    sys.stdout.flush()


def _parts(home: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the paths that belong to one kind, sorted; a folder is replaced with its entries."""
    return [
        part
        for path in (home / name for name in names)
        for part in (sorted(path.iterdir()) if path.is_dir() else [path])
    ]


def _row(name: str, size: str) -> str:
    return f"  {printable(name):14} {size:>10}\n"


class _Sizes:
    """Measures files and folders, and shows the number of counted files in the status line."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files = 0

    def of(self, path: Path) -> int:
        """Return the size in bytes of a file, or of all files in a folder.

        Symlinks, unreadable folders, and files that are removed during the count add nothing.
        """
        if not path.is_dir():
            return path.stat().st_size if path.is_file() else 0
        total, folders = 0, [str(path)]
        while folders:
            with suppress(OSError), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif not entry.is_symlink():
                        total += entry.stat(follow_symlinks=False).st_size
                        self._count(path)
        return total

    def _count(self, path: Path) -> None:
        self._files += 1
        if self._files % _OFTEN == 0:
            self._progress.now(f"{self._files} files counted, now in {printable(path.name)}")


def _remove(home: Path, kind: str) -> None:
    """Remove all content of one kind; symlinks are removed, but not their targets."""
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
