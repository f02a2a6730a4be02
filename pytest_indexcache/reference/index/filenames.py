"""Names of wheels and sdists, taken apart without building the tags that nobody looks at yet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

SDIST_SUFFIXES: Final = (".tar.gz", ".zip")
"""How sdists end: PEP 625's, and the one from before it."""

_ALLOWED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
"""What names of files consist of: no page talks anybody into a path with a slash in it."""

_LONGEST: Final = 1000
"""More characters than any name has: Python reads no number of thousands of digits."""


def read_version(filename: str, project: NormalizedName) -> Version | None:
    """Return the version that a file of a project is of.

    None if the file is neither a wheel nor an sdist, is of another project, or has a version that
    is none (PEP 440): the simple pages of old projects hold many such files.
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
    """Split name and version where the name is the project's; names of old sdists hold hyphens."""
    start = stem.find("-")
    while start != -1:
        if canonicalize_name(stem[:start]) == project:
            version = _parse_version(stem[start + 1 :])
            if version is not None:
                return version
        start = stem.find("-", start + 1)
    return None


def build_number(filename: str) -> tuple[int, str]:
    """Return a wheel's build tag as what it sorts by; ``(0, "")`` without one (PEP 427)."""
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
