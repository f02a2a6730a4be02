"""Describe an index of a scenario as a tree of projects and releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from pytest_indexcache.scenario.tables.indexes import File, Index, Release

_Thing = TypeVar("_Thing")

MOST_RELEASES: Final = 20
"""The maximum number of projects in a tree, and of releases listed for each project."""


def index_tree(name: str, index: Index) -> Iterator[str]:
    """Yield one line for an index, followed by its projects and releases as a tree.

    Values from the scenario are not escaped.
    """
    yield f"index {name}  {index.url}{_remarks(index)}"
    projects = list(index.packages.items())
    for project, is_last in _with_last(projects[:MOST_RELEASES], len(projects)):
        yield f"{_branch(is_last)}{project[0]}"
        trunk = "    " if is_last else "│   "
        releases = list(project[1].items())
        for (version, release), is_end in _with_last(releases[:MOST_RELEASES], len(releases)):
            yield f"{trunk}{_branch(is_end)}{version}{_details(release)}"
        yield from _more(len(releases), "release", trunk)
    yield from _more(len(projects), "project", "")


def _remarks(index: Index) -> str:
    server = index.server or index.headers.profile
    is_said = {
        f"like {server}": bool(server),
        "default": index.default,
        "flat": index.flat,
        "users": bool(index.users),
        "behind an edge": index.edge is not None,
    }
    said = [remark for remark, holds in is_said.items() if holds]
    return f"  ({', '.join(said)})" if said else ""


def _details(release: Release) -> str:
    files = [_file(file) for file in release.files]
    said = [
        f"requires {', '.join(release.requires)}" if release.requires else "",
        f"extras {', '.join(release.extras)}" if release.extras else "",
        f"Python {release.requires_python}" if release.requires_python else "",
        f"{release.size}" if release.size else "",
        "yanked" if release.yanked else "",
        f"files {'; '.join(files)}" if files else "",
    ]
    told = ", ".join(part for part in said if part)
    return f"  {told}" if told else ""


def _file(file: File) -> str:
    kind = file.filename or (file.kind if file.kind == "sdist" else f"wheel {file.tag}")
    return f"{kind} ({file.size})" if file.size else kind


def _branch(is_last: bool) -> str:
    return "└── " if is_last else "├── "


def _with_last(things: Sequence[_Thing], total: int) -> Iterator[tuple[_Thing, bool]]:
    """Yield each item with a flag that is true for the last of ``total`` items."""
    for place, thing in enumerate(things, 1):
        yield thing, place == total


def _more(total: int, noun: str, trunk: str) -> Iterator[str]:
    left = total - MOST_RELEASES
    if left > 0:
        yield f"{trunk}└── … and {left} more {noun}{'' if left == 1 else 's'}"
