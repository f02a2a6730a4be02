"""Add sources for projects on explicit indexes, which installers use only if a source says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.indexes.placements import Placement


def with_explicit_sources(
    words: ProjectWords, placement: Placement, direct: Collection[str]
) -> ProjectWords:
    """Return the project with a source for each project that only an explicit index serves.

    ``direct`` contains the normalised names of the projects that the project itself requires; a
    source has no effect on any other project. If an index serves a project that is not required
    directly, the index is no longer explicit.
    """
    explicit = {index.name for index in placement.indexes if index.is_explicit}
    homes: dict[str, list[str]] = {}
    for placed in placement.releases:
        homes.setdefault(placed.release.project, []).append(placed.index)
    added: dict[str, tuple[Mapping[str, Any], ...]] = {}
    opened: set[str] = set()
    for project, names in homes.items():
        if project in words.sources or not explicit.issuperset(names):
            continue
        if project in direct:
            added[project] = ({"index": names[0], "explicit": True},)
        else:
            opened.add(names[0])
    sources = {
        project: tuple(_source(table, opened) for table in tables)
        for project, tables in {**words.sources, **added}.items()
    }
    return replace(words, sources=sources)


def _source(table: Mapping[str, Any], opened: Collection[str]) -> Mapping[str, Any]:
    """Return a source's table, in which the index is not explicit if it is in ``opened``."""
    is_opened = table["index"] in opened
    return {key: value for key, value in table.items() if not (is_opened and key == "explicit")}
