"""The fingerprint of a source folder, which shows whether it has changed since installation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from pytest_indexcache.system.venvs.origins import Origin

_PROJECT_FILES: Final = ("pyproject.toml", "setup.cfg", "setup.py")
_MADE_BY_BUILDS: Final = ("build", "dist", "__pycache__", "node_modules")


def fingerprint(origin: Origin) -> str | None:
    """Return a short text that identifies the state of a source folder; None for other origins.

    It depends on the contents of the files from which a build backend reads metadata. For a path
    origin, it also depends on the size and modification time of all other files, except hidden
    files and build outputs. For an editable origin, it does not, because modules are imported
    directly from the folder.
    """
    folder = Path(origin.location)
    if origin.kind not in ("path", "editable") or not folder.is_dir():
        return None
    hasher = sha256()
    for name in _PROJECT_FILES:
        file = folder / name
        if file.is_file():
            hasher.update(f"{name}\n".encode() + sha256(file.read_bytes()).digest())
    if origin.kind == "path":
        for line in sorted(_describe_files(folder)):
            hasher.update(f"{line}\n".encode("utf-8", "surrogateescape"))
    return hasher.hexdigest()


def _describe_files(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_left_out(name)]
        for name in names:
            if not name.startswith("."):
                path = Path(parent, name)
                status = path.lstat()
                place = path.relative_to(folder).as_posix()
                yield f"{place} {status.st_size} {status.st_mtime_ns}"


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in _MADE_BY_BUILDS or name.endswith(".egg-info")
