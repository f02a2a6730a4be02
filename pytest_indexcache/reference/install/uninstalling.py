"""Remove the files that a distribution's RECORD lists, but never a file outside the venv."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pytest_indexcache.errors import InvalidDistributionError


def recorded_files(dist_info: Path, base: Path, inside: Path) -> tuple[str, ...]:
    """Return the files of a distribution, including the byte code of its modules.

    Paths in RECORD are relative to the folder ``base``. Those that lead out of the folder
    ``inside``, through ``..`` or a symbolic link, are left out.

    :raises InvalidDistributionError: if the distribution does not have a readable RECORD
    """
    try:
        text = (dist_info / "RECORD").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDistributionError(
            f"{dist_info.name} cannot be uninstalled: its RECORD in {dist_info} cannot be read",
            hint="remove the venv and create it again",
        ) from error
    root = os.path.join(os.path.realpath(inside), "")
    is_inside: dict[str, bool] = {}
    files: list[str] = []
    for row in csv.reader(text.splitlines()):
        if not row or not row[0]:
            continue
        path = os.path.normpath(os.path.join(base, row[0]))
        folder = os.path.dirname(path)
        if folder not in is_inside:
            is_inside[folder] = os.path.join(os.path.realpath(folder), "").startswith(root)
        if is_inside[folder]:
            files.append(path)
            files.extend(_byte_code(path))
    return tuple(files)


def _byte_code(path: str) -> Iterator[str]:
    module, suffix = os.path.splitext(path)
    if suffix == ".py":
        folder, stem = os.path.split(module)
        with suppress(OSError):
            for name in os.listdir(os.path.join(folder, "__pycache__")):
                if name.startswith(f"{stem}.") and name.endswith(".pyc"):
                    yield os.path.join(folder, "__pycache__", name)


def remove_files(files: Iterable[str], keep: Iterable[Path]) -> None:
    """Delete these files and the folders that become empty.

    The folders in ``keep`` and their parents are kept even if they are empty.
    """
    folders = set[str]()
    for file in files:
        folders.add(os.path.dirname(file))
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            os.unlink(file)
    kept = {folder for path in keep for folder in (path, *path.parents)}
    for folder in sorted(map(Path, folders), key=lambda path: len(path.parts), reverse=True):
        _remove_empty(folder, kept)


def _remove_empty(folder: Path, kept: set[Path]) -> None:
    while folder not in kept:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
