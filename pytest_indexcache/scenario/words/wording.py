"""Format values from a scenario file for messages: short and escaped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

LONGEST: Final = 60
"""The maximum number of characters of a value that are shown in a message."""

MOST_NAMES: Final = 5000
"""The maximum number of known names that an unknown name is compared with."""


def shown(value: Any) -> str:
    """Return a value in quotation marks, escaped, and shortened if it is long.

    >>> shown("2.8.0 cpu")
    "'2.8.0 cpu'"
    """
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


def found(value: Any) -> str:
    """Describe a value by its TOML type, and include the value itself if it is short.

    >>> found(5), found("x"), found([])
    ('the number 5', "the string 'x'", 'an array')
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            digits = hex(value) if isinstance(value, int) and value.bit_length() > 64 else value
            return f"the number {shown(digits)[1:-1]}"
        case str():
            return f"the string {shown(value)}"
        case list() | tuple():
            return "an array"
        case dict():
            return "a table"
        case date() | time():
            return f"the date or time {value}"
        case _:
            return "nothing"


def alternatives(names: Iterable[str], last: str = "or") -> str:
    """Join names with commas, and put a word such as "or" between the last two.

    >>> alternatives(["a", "b", "c"])
    'a, b or c'
    """
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hint that is computed when it is read: the most similar known name, or a list of names.

    ``known`` contains the known names. It can also be a function that returns them, if computing
    them takes time.

    >>> str(Suggestion("snyc", ["sync", "lock"]))
    "did you mean 'sync'?"
    """

    name: str
    known: Collection[str] | Callable[[], Collection[str]]
    what: str = "known:"

    def __str__(self) -> str:
        names = self.known() if callable(self.known) else self.known
        known = sorted(islice(names, MOST_NAMES))
        close = get_close_matches(self.name[:200], known, n=1)
        if close:
            return f"did you mean {shown(close[0])}?"
        if not known or not self.what:
            return ""
        listed = [shown(name)[1:-1] for name in known[:30]]
        return f"{self.what} {', '.join(listed)}{', …' if len(known) > 30 else ''}"
