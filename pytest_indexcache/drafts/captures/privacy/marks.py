"""Mark the parts of a string that are known not to be private.

These are replacements such as ``project1``, words of the scenario format, and names of public
projects. The search for remaining private words skips them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
_MARKED: Final = re.compile(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})")


def marked(text: str) -> str:
    """Return the text enclosed in marks."""
    return f"{_OPEN}{unmarked_text(text)}{_CLOSE}" if text else ""


def unmarked_text(text: str) -> str:
    """Return the text without marks."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def unmarked(value: Any) -> Any:
    """Return a value without marks in any of its strings and keys."""
    if isinstance(value, str):
        return unmarked_text(value)
    if isinstance(value, Mapping):
        return {unmarked(key): unmarked(each) for key, each in value.items()}
    return [unmarked(each) for each in value] if isinstance(value, list | tuple) else value


def outside_marks(text: str, function: Callable[[str], str]) -> str:
    """Apply a function to the parts of a string that are not marked."""
    pieces = _MARKED.split(text)
    return "".join(each if number % 2 else function(each) for number, each in enumerate(pieces))


def without_marked(text: str) -> str:
    """Return the parts of a string that are not marked, separated by spaces."""
    return _MARKED.sub(" ", text)
