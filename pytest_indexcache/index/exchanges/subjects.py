"""Determine the kind of a requested file, and its project, from its filename."""

from __future__ import annotations

import re
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.messages import Kind

METADATA: Final = ".metadata"
"""The suffix to add to a file's URL for the URL of its core metadata (PEP 658)."""

PROJECT_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
"""A pattern for the name of a project, in any spelling."""

_SDISTS: Final = (".tar.gz", ".zip")


def kind_of(filename: str) -> Kind:
    """Return the kind of a file, which is determined by the end of its filename."""
    if filename.endswith(METADATA):
        return Kind.METADATA
    if filename.endswith(".whl"):
        return Kind.WHEEL
    return Kind.SDIST if filename.endswith(_SDISTS) else Kind.OTHER


def project_of(filename: str) -> str | None:
    """Return the project in a filename; None if it is not the filename of a distribution."""
    if kind_of(filename) is Kind.OTHER:
        return None
    is_sdist = filename.endswith(_SDISTS)
    name, hyphen, _ = filename.rpartition("-") if is_sdist else filename.partition("-")
    return canonicalize_name(name) if hyphen and PROJECT_NAME.fullmatch(name) else None
