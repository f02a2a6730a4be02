"""Search a captured scenario for private words that were not replaced.

The search skips marked parts, and the keys and words of the scenario format. Only passwords and
user names are searched for in marked parts, too.
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
    """A place in a scenario at which a private word remains.

    ``name`` is the name of a private project. It is empty for a secret, user name, host or folder.
    """

    path: str
    name: str = ""

    @property
    def text(self) -> str:
        """A description of the place that reveals no secret."""
        return f"{self.path} has {self.name or 'a password, a user, a host or a folder'}"


def remains(tables: Mapping[str, Any], replacements: Replacements) -> list[Remain]:
    """Return the places at which private words remain."""
    found: list[Remain] = []
    for path, text in _captured(tables, "", ""):
        rest = without_marked(text)
        if replacements.credentials_in(unmarked_text(text)) or replacements.secrets_in(rest):
            found.append(Remain(path))
        found += [Remain(path, name) for name in replacements.names_in(rest)]
    return found


def _captured(value: Any, key: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the key path and text of each string or key that comes from the user."""
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
    """Return the key that decides how to treat the values in an inner table."""
    if key in BY_PROJECT:
        return BY_PROJECT[key]
    if key in BY_LABEL:
        return BY_LABEL[key]
    return "" if key == "releases" else unmarked_text(name)
