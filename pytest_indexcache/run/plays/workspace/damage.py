"""Damage files in an installer's cache.

No file is opened through a symlink. A file with other hard links (uv links files from its cache
into venvs) is replaced rather than overwritten. Files from which a Python interpreter or an
installer reads the paths of folders are not damaged, because a truncated path would lead to a
different folder.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import PlayError
from pytest_indexcache.index.documents.contents import PaddingContent
from pytest_indexcache.run.plays.workspace.path_files import cuts_root, names_paths
from pytest_indexcache.run.plays.workspace.plain_places import beside, is_within
from pytest_indexcache.scenario.tables.changes import Damage

_PIECE: Final = 1 << 20
_MOST: Final = 12
"""The maximum number of files to list in an error message."""


def damage_entries(cache: Path, step: Damage, found: Iterable[Path] = ()) -> None:
    """Damage the cache files that a step selects, without following symlinks.

    If the step specifies a glob, the files that match it are damaged. Otherwise, ``found`` contains
    the files to damage.

    :raises PlayError: if there is no file to damage
    """
    matching = sorted(found if step.entries is None else cache.glob(step.entries))
    files = sorted({path.resolve() for path in matching if _may_break(cache, path, step.how)})
    if not files:
        raise _nothing_to_damage(cache, step.target, matching)
    for path in files:
        if step.how == "remove":
            path.unlink()
        else:
            _replace_damaged(path, step.how)


def _nothing_to_damage(cache: Path, target: str, matching: Sequence[Path]) -> PlayError:
    if any(path.is_symlink() or path.is_file() for path in matching):
        return PlayError(
            f"damage: {target!r} matches in the installer's cache only what is behind symlinks, "
            "in a venv, or a file by which a Python or an installer finds folders",
            "such files are never damaged: give a glob for other files",
        )
    return PlayError(
        f"damage: no file in the installer's cache matches {target!r}: {_contents(cache)}",
        "damage what an earlier step stores; the layout of the cache is the installer's own",
    )


def _contents(cache: Path) -> str:
    """Describe the contents of a cache by naming the first file in each folder."""
    paths = sorted(path.relative_to(cache) for path in cache.rglob("*") if path.is_file())
    first = {"/".join(path.parts[:2]): path.as_posix() for path in reversed(paths)}
    shown = sorted(first.values())[:_MOST]
    rest = len(paths) - len(shown)
    return (
        f"it has {', '.join(shown)}{f' and {rest} more' if rest else ''}"
        if paths
        else "it is empty"
    )


def _may_break(cache: Path, path: Path, how: str) -> bool:
    """Return whether it is safe to damage a cache file.

    It is not safe to damage ``pyvenv.cfg`` or the Python of a cached venv, because the installer
    would start a Python from outside the workspace. It is not safe to truncate a path to packages,
    because the installer would import modules from outside the workspace.
    """
    plain = Path(os.path.normpath(path))
    if not plain.is_relative_to(cache) or not is_within(cache.parent, path):
        return False
    if not stat.S_ISREG(path.lstat().st_mode) or _is_of_venv(cache, plain) or names_paths(plain):
        return False
    return how != "truncate" or not cuts_root(cache.parent, path, _half(path))


def _is_of_venv(cache: Path, path: Path) -> bool:
    parents = [parent for parent in path.parents if parent.is_relative_to(cache)]
    return any(os.path.lexists(parent / "pyvenv.cfg") for parent in parents)


def _half(path: Path) -> int:
    return path.stat().st_size // 2


def _replace_damaged(path: Path, how: str) -> None:
    """Replace a file with a damaged copy, leaving other hard links to the file unchanged."""
    size = path.stat().st_size
    fresh = beside(path)
    try:
        with fresh.open("xb") as file:
            if how == "truncate":
                for piece in _pieces(path, _half(path)):
                    file.write(piece)
            elif how == "garbage":
                for piece in PaddingContent(size).chunks(0, size):
                    file.write(piece)
            else:
                file.truncate(size)  # zeros, which take no space on most disks
        shutil.copymode(path, fresh)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise


def _pieces(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length and (piece := file.read(min(length, _PIECE))):
            length -= len(piece)
            yield piece
