"""Search the tables of a captured scenario for private words that no rule has replaced.

Only captured text is searched: keys and words of the scenario format are skipped, and so is text
that a rule has marked as judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.drafts.captures.privacy.marks import unmarked_text, without_marked
from pytest_indexcache.drafts.captures.privacy.replaced_tables import (
    BY_LABEL,
    BY_PROJECT,
    OWN_TABLES,
    OWN_WORDS,
)
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements

_BY_USER: Final = (*BY_PROJECT, *BY_LABEL, "releases", "users", "files")


@dataclass(frozen=True)
class Remain:
    """A private word in a captured text: its key path, and the project that it names, if any."""

    path: str
    name: str = ""

    @property
    def text(self) -> str:
        """A description of the finding that does not contain any secret."""
        return f"{self.path} has {self.name or 'a password, a user, a host or a folder'}"


def remains(tables: Mapping[str, Any], replacements: Replacements) -> list[Remain]:
    """Return the private words that remain in tables after replacement; normally, none remain."""
    found: list[Remain] = []
    for path, text in _captured(tables, "", ""):
        rest = without_marked(text)
        if replacements.secrets_in(rest):
            found.append(Remain(path))
        found += [Remain(path, name) for name in replacements.names_in(rest)]
    return found


def _captured(value: Any, key: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the key path and the text of each value and key that came from the capture."""
    if key in OWN_TABLES or (key in OWN_WORDS and isinstance(value, str)):
        return
    if isinstance(value, Mapping):
        for name, each in value.items():
            place = f"{path}.{unmarked_text(str(name))}".lstrip(".")
            if key in _BY_USER:
                yield place, str(name)
            yield from _captured(each, _inner(key, str(name)), place)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            inner = "" if isinstance(each, Mapping) else key
            yield from _captured(each, inner, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path, value


def _inner(key: str, name: str) -> str:
    """Return the key whose rule applies to the values of a table."""
    if key in BY_PROJECT:
        return BY_PROJECT[key]
    if key in BY_LABEL:
        return BY_LABEL[key]
    return "" if key == "releases" else unmarked_text(name)
