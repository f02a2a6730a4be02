"""Find the names of projects in project files, requirements files and lockfiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from pytest_indexcache.drafts.captures.privacy.replaced_tables import (
    SETTINGS_BY_PROJECT,
    are_groups,
)
from pytest_indexcache.drafts.words.names import project_name

_TABLES: Final = (
    "dependencies",
    "dev-dependencies",
    "sources",
    "overrides",
    "constraints",
    *SETTINGS_BY_PROJECT,
)
"""Tables whose keys are project names."""

_LISTS: Final = ("depend", "requir", "overrid", "constraint", "group", "extra", "-package")
"""Substrings of a key that show that its values are requirements."""

_NO_NAMES: Final = frozenset(("version", "requires-python", "markers", "marker", "url", "path"))
"""Keys whose values never contain project names."""

_LABELS: Final = frozenset(("extra", "group", "default-groups", "include-group"))
"""Keys whose strings are the names of extras or groups."""

_WORD: Final = re.compile(r"--[a-z-]*-package(?:=|$)")

_LOCKED: Final = re.compile(r'^name = "([^"\n]+)"$', re.MULTILINE)


def named_in(value: Any, key: str = "") -> Iterator[str]:
    """Yield the names of projects in the tables of a project file or step.

    ``key`` is the key of ``value`` in its table.
    """
    if isinstance(value, Mapping) and key in _TABLES and not are_groups(key, value):
        yield from (name for name in map(str, value) if project_name(name) and name != "python")
        if key == "extra-build-dependencies":
            yield from named_in(list(value.values()), key)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name != "include-group" and name not in _NO_NAMES:
                yield from named_in(each, _inner(key, str(name)))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from named_in(each, key)
    elif isinstance(value, str) and _is_list(key):
        yield from _required(value)


def _is_list(key: str) -> bool:
    """Return whether the strings of a key are requirements or names of projects."""
    return any(part in key for part in _LISTS) and "files" not in key and key not in _LABELS


def named_in_words(words: Sequence[str]) -> Iterator[str]:
    """Yield the names of projects in options such as ``--no-build-package``."""
    for number, word in enumerate(words):
        found = _WORD.match(word)
        if found is not None:
            value = word[found.end() :] or "".join(words[number + 1 : number + 2])
            yield from _required(re.split("[:=]", value)[0] if "==" not in value else value)


def named_in_lines(text: str) -> Iterator[str]:
    """Yield the names of projects in a requirements file."""
    for line in text.splitlines():
        yield from _required(line.partition(" --")[0].rstrip("\\ "))


def locked_names(text: str) -> Iterator[str]:
    """Yield the names of the projects in a lockfile."""
    yield from _LOCKED.findall(text)


def _inner(key: str, name: str) -> str:
    """Return the key that decides how to read an inner table.

    In a table of groups or extras, this is the key of the outer table, not the name of the group.
    """
    is_list = any(part in key for part in _LISTS)
    return key if is_list and name not in _TABLES else name


def _required(text: str) -> Iterator[str]:
    try:
        yield Requirement(text).name
    except InvalidRequirement:
        return
