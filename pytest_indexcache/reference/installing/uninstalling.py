"""Taking a distribution out of a venv, by its RECORD and never outside the venv."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import path as os_path
from pathlib import Path

from pytest_indexcache.errors import InvalidDistributionError


def recorded_files(dist_info: Path, base: Path, inside: Path) -> tuple[Path, ...]:
    """List the files that belong to a distribution, byte code of its modules included.

    ``base`` is the folder that the paths in RECORD are relative to. A path that leads out of the
    folder ``inside`` is left out, whether it does so by ``..`` or by a symbolic link.

    :raises InvalidDistributionError: if there is no RECORD to go by
    """
    try:
        text = (dist_info / "RECORD").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDistributionError(
            f"{dist_info.name} cannot be uninstalled: its RECORD in {dist_info} cannot be read",
            hint="remove the venv and create it again",
        ) from error
    root = inside.resolve()
    real_folders: dict[Path, Path] = {}
    files = []
    for row in csv.reader(text.splitlines()):
        if not row or not row[0]:
            continue
        path = Path(os_path.normpath(base / row[0]))
        real = real_folders.setdefault(path.parent, path.parent.resolve())
        if real.is_relative_to(root):
            files.append(path)
            files.extend(_byte_code(path))
    return tuple(files)


def _byte_code(module: Path) -> Iterator[Path]:
    if module.suffix == ".py":
        with suppress(OSError):
            yield from (module.parent / "__pycache__").glob(f"{module.stem}.*.pyc")


def remove_files(files: Iterable[Path], keep: Iterable[Path]) -> None:
    """Delete these files, and each folder that becomes empty unless a kept one lies in it."""
    folders = set[Path]()
    for file in files:
        folders.add(file.parent)
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            file.unlink()
    kept = {folder for path in keep for folder in (path, *path.parents)}
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        _remove_empty(folder, kept)


def _remove_empty(folder: Path, kept: set[Path]) -> None:
    while folder not in kept:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
