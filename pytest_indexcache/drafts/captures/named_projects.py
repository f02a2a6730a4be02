"""Find names of projects in a user's tables, requirements files and lockfiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from pytest_indexcache.drafts.words.names import project_name

_TABLES: Final = ("dependencies", "dev-dependencies", "sources", "overrides", "constraints")
"""Tables whose keys are names of projects."""

_LISTS: Final = ("depend", "requir", "overrid", "constraint", "group", "extra")
"""Substrings of the names of keys that hold requirements."""

_LOCKED: Final = re.compile(r'^name = "([^"\n]+)"$', re.MULTILINE)


def named_in(value: Any, key: str = "") -> Iterator[str]:
    """Yield the names of projects in the tables of a project file or of a step."""
    if isinstance(value, Mapping) and key in _TABLES and not _are_groups(value):
        yield from (name for name in map(str, value) if project_name(name) and name != "python")
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name != "include-group":
                yield from named_in(each, _inner(key, str(name)))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from named_in(each, key)
    elif isinstance(value, str) and any(part in key for part in _LISTS) and "files" not in key:
        yield from _required(value)


def _are_groups(table: Mapping[Any, Any]) -> bool:
    """Return whether a table has lists of requirements by group, as PDM's dev-dependencies."""
    lists = [each for each in table.values() if isinstance(each, list)]
    return (
        bool(table)
        and all(isinstance(text, str) for each in lists for text in each)
        and len(lists) == len(table)
    )


def named_in_lines(text: str) -> Iterator[str]:
    """Yield the names of projects in the lines of a requirements file."""
    for line in text.splitlines():
        yield from _required(line.partition(" --")[0].rstrip("\\ "))


def locked_names(text: str) -> Iterator[str]:
    """Yield the projects in a lockfile."""
    yield from _LOCKED.findall(text)


def _inner(key: str, name: str) -> str:
    """Return the key that decides how an inner table is read; names of groups are ignored."""
    is_list = any(part in key for part in _LISTS)
    return key if is_list and name not in _TABLES else name


def _required(text: str) -> Iterator[str]:
    try:
        yield Requirement(text).name
    except InvalidRequirement:
        return
