"""Show the changes that ``observe`` makes to the text of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from pytest_indexcache.printable import printable


def difference(name: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff, escaped for a terminal; nothing for equal texts."""
    names = (name, f"{name} (as it was seen)")
    lines = unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return map(printable, lines)
