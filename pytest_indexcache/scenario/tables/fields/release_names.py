"""Extract the project and the version from a filename.

Source: binary distribution format, "File name convention"; PEP 625.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_FILE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+!-]*)\.(whl|tar\.gz)", re.ASCII)


class NamedRelease(NamedTuple):
    """The parts of a filename: the normalised project name, the version, and the kind of file."""

    project: str
    version: Version
    is_wheel: bool


def read_release(filename: str) -> NamedRelease | None:
    """Return the parts of the filename of a wheel or sdist, or None for any other file."""
    match = _FILE.fullmatch(filename)
    if match is None or ".." in filename:
        return None
    stem, suffix = match.groups()
    is_wheel = suffix == "whl"
    parts = stem.split("-") if is_wheel else stem.rsplit("-", 1)
    if is_wheel and len(parts) not in (5, 6):
        return None
    try:
        return NamedRelease(canonicalize_name(parts[0]), Version(parts[1]), is_wheel)
    except (IndexError, InvalidVersion):
        return None


def release_of(path: str) -> NamedRelease:
    """Return the parts of the filename of a wheel or sdist; ``path`` may include folders.

    :raises ValueError: if the file is neither a wheel nor an sdist
    """
    release = read_release(path.rpartition("/")[2])
    if release is None:
        raise ValueError(f"{path!r} is not the path of a wheel or of an sdist")
    return release
