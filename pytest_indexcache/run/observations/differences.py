"""Show the changes that ``observe`` makes to the text of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from pytest_indexcache.printable import printable


def difference(name: str, installer: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff, escaped for a terminal; nothing for equal texts.

    The second line of the diff names the ``installer`` whose behaviour ``after`` describes.
    """
    names = (name, f"{name} (as played by {installer})")
    lines = unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return map(printable, lines)
