"""Determine the kind of the requested file, and its project, from the filename."""

from __future__ import annotations

import re
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.messages import Kind

METADATA: Final = ".metadata"
"""The suffix that turns a file's URL into the URL of its core metadata (PEP 658)."""

PROJECT_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
"""Matches a project name in any spelling."""

_SDISTS: Final = (".tar.gz", ".zip")


def kind_of(filename: str) -> Kind:
    """Return the kind of a file, determined from the suffix of its filename."""
    if filename.endswith(METADATA):
        return Kind.METADATA
    if filename.endswith(".whl"):
        return Kind.WHEEL
    return Kind.SDIST if filename.endswith(_SDISTS) else Kind.OTHER


def project_of(filename: str) -> str | None:
    """Return the project that a wheel or sdist belongs to, or None for any other filename."""
    if kind_of(filename) is Kind.OTHER:
        return None
    is_sdist = filename.endswith(_SDISTS)
    name, hyphen, _ = filename.rpartition("-") if is_sdist else filename.partition("-")
    return canonicalize_name(name) if hyphen and PROJECT_NAME.fullmatch(name) else None
