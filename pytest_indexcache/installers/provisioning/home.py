"""The folder that stores provisioned releases of installers, and facts about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_indexcache.errors import InstallerError

VARIABLE = "INDEXCACHE_HOME"


def cache_home() -> Path:
    """Return the cache folder: ``INDEXCACHE_HOME``, or else a folder in the user's cache folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("pytest-indexcache", appauthor=False)


@contextmanager
def writing_to(home: Path, spec: str) -> Iterator[None]:
    """Convert file system errors in the block to an InstallerError that names the folder.

    :raises InstallerError: for a full disk, a lack of write permission, or a similar error
    """
    try:
        yield
    except OSError as error:
        raise InstallerError(
            spec,
            f"the cache folder {home} cannot be used: {error}",
            f"free disk space, make it writable, or name another folder in {VARIABLE}",
        ) from error
