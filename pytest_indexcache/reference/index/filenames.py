"""Parse the filenames of wheels and sdists; the tags in wheel names are ignored."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

SDIST_SUFFIXES: Final = (".tar.gz", ".zip")
"""The suffixes of sdists: the one required by PEP 625, and one used by older sdists."""

_ALLOWED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
"""Matches a permitted filename; it cannot be a path, because it does not contain a slash."""

_LONGEST: Final = 1000
"""The maximum length of a filename; it also keeps version numbers short enough to be parsed."""


def read_version(filename: str, project: NormalizedName) -> Version | None:
    """Return the version in the filename of a project's wheel or sdist, or None.

    The result is None if the file is neither a wheel nor an sdist, belongs to a different project,
    or has an invalid version (PEP 440). Many such files are listed on the simple pages of old
    projects.
    """
    if not _ALLOWED.fullmatch(filename) or len(filename) > _LONGEST:
        return None
    if filename.endswith(".whl"):
        parts = filename[:-4].split("-")
        if len(parts) not in (5, 6) or canonicalize_name(parts[0]) != project:
            return None
        return _parse_version(parts[1])
    for suffix in SDIST_SUFFIXES:
        if filename.endswith(suffix):
            return _read_sdist_version(filename[: -len(suffix)], project)
    return None


def _read_sdist_version(stem: str, project: NormalizedName) -> Version | None:
    """Return the version that follows the project's name, which may have hyphens in old sdists."""
    start = stem.find("-")
    while start != -1:
        if canonicalize_name(stem[:start]) == project:
            version = _parse_version(stem[start + 1 :])
            if version is not None:
                return version
        start = stem.find("-", start + 1)
    return None


def build_number(filename: str) -> tuple[int, str]:
    """Return a wheel's build tag (PEP 427) as a sort key; ``(0, "")`` if the wheel has none."""
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) != 6:
        return (0, "")
    digits = len(parts[2]) - len(parts[2].lstrip("0123456789"))
    return (int(parts[2][:digits] or 0), parts[2][digits:])


@lru_cache(maxsize=4096)
def _parse_version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
