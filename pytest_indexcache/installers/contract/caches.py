"""Queries about an installer's cache, and the cache entries that match them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class CacheQuery:
    """A query for the pages, metadata, wheels or unpacked wheels in a cache.

    ``project`` is the only project to search for, or None for all projects. ``urls`` are the URLs
    from which entries may come, each mapped to its project, or to None for the page of a flat
    index.
    """

    what: str
    project: str | None
    urls: Mapping[str, str | None]

    def has(self, name: str) -> bool:
        """Return whether the query covers a project."""
        return self.project is None or canonicalize_name(name) == self.project

    def has_file(self, path: Path) -> bool:
        """Return whether a file is a wheel or an sdist of a project that the query covers."""
        is_file = path.name.endswith((".whl", ".tar.gz", ".zip"))
        return is_file and self.has(project_of(path.name))


@dataclass(frozen=True)
class CachedEntry:
    """A page, core metadata, a wheel or an unpacked wheel in a cache.

    ``name`` distinguishes the entry from others of its kind: it is the URL of a page, the filename
    of a wheel, or the project and version of an unpacked wheel. ``project`` is None if the cache
    does not record the project. ``files`` is empty if the entry shares its file with other entries.
    """

    name: str
    project: str | None
    files: tuple[Path, ...] = ()


def project_of(filename: str) -> str:
    """Return the project name in the filename of a wheel or an sdist."""
    return _parts(filename)[0]


def release_of(filename: str) -> str:
    """Return the project and version in the filename of a wheel or sdist: ``six 1.17.0``."""
    return " ".join(part for part in _parts(filename) if part)


def _parts(filename: str) -> tuple[str, str]:
    # The version of an sdist has no dash; the name may have dashes (before PEP 625).
    if filename.endswith(".whl"):
        project, _, rest = filename.removesuffix(".whl").partition("-")
        return project, rest.partition("-")[0]
    stem = filename.removesuffix(".tar.gz").removesuffix(".zip")
    project, _, version = stem.rpartition("-")
    return project, version
