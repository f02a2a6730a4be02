"""The filenames of a release on an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.tables.indexes import File, Release

_PURE_WHEEL: Final = File()


def filenames(project: str, version: str, release: Release) -> tuple[str, ...]:
    """Return the filenames of a release, in order; by default, it has a single pure Python wheel.

    Source: binary distribution format, "File name convention"; PEP 625.
    """
    return tuple(_filenames(project, version, release))


def _filenames(project: str, version: str, release: Release) -> Iterator[str]:
    stem = f"{canonicalize_name(project).replace('-', '_')}-{version}"
    for file in release.files or (_PURE_WHEEL,):
        if file.filename:
            yield file.filename
        elif file.kind == "sdist":
            yield f"{stem}.tar.gz"
        else:
            tag = file.tag if "tag" in file.model_fields_set else release.tag
            yield "-".join(part for part in (stem, file.build_tag, tag) if part) + ".whl"
