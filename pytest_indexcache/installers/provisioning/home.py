"""The folder of ours in which releases of installers, and what is known of them, are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_indexcache.errors import InstallerError

VARIABLE = "INDEXCACHE_HOME"


def cache_home() -> Path:
    """Return the folder: what ``INDEXCACHE_HOME`` names, else the user's cache folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("pytest-indexcache", appauthor=False)


@contextmanager
def writing_to(home: Path, spec: str) -> Iterator[None]:
    """Turn what the file system refuses within the block into an error that names the folder.

    :raises InstallerError: for a disk that is full, a folder that may not be written, and the like
    """
    try:
        yield
    except OSError as error:
        raise InstallerError(
            spec,
            f"the cache folder {home} cannot be used: {error}",
            f"make room, make it writable, or name another folder in {VARIABLE}",
        ) from error
