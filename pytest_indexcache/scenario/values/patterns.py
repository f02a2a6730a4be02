"""Match patterns against strings, names and paths in linear time.

The text between two ``*`` is matched only at the first possible position: if the rest of the
pattern can match at all, it can match after this position. Trying all positions would take a time
that grows exponentially with the number of ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import Final

Matcher = Callable[[str], bool]
"""A function that returns whether a string matches a pattern."""

_SPECIAL: Final = re.compile(r"(\*|\?|\[!?\]?[^\]]*\])")
_IN_PART: Final = "[^/]*"
_FOLDERS: Final = "(?:[^/]+/)*"


def matches_text(text: str, pattern: str) -> bool:
    """Return whether a string matches a pattern in which only ``*`` is special."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *inner, last = rest
    place, end = len(first), len(text) - len(last)
    if place > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in inner:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def text_matcher(pattern: str) -> Matcher:
    """Return a matcher for a pattern in which only ``*`` is special."""
    return partial(matches_text, pattern=pattern)


@lru_cache(maxsize=1024)
def name_matcher(pattern: str) -> Matcher:
    """Return a matcher for a name pattern: ``*`` matches any string, ``?`` any single character."""
    return _matcher(_part(pattern))


def path_matcher(pattern: str) -> Matcher:
    """Return a matcher for a path pattern with the syntax of :meth:`pathlib.Path.glob`.

    ``**`` matches any number of folders; at the end of a pattern, it matches all files below.
    """
    pieces: list[list[str]] = [[]]
    for part in PurePosixPath(pattern).parts:
        if part == "**":
            pieces.append([])
        else:
            pieces[-1].append(_part(part))
    *folders, file = pieces
    above = ["".join(f"{part}/" for part in piece) for piece in folders]
    return _matcher(_with_gaps([*above, "/".join(file) or "[^/]+"], _FOLDERS))


def is_pattern(text: str) -> bool:
    """Return whether a name contains characters that are special in patterns."""
    return "*" in text or "?" in text


def _matcher(expression: str) -> Matcher:
    compiled = re.compile(expression, re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None


def _part(pattern: str) -> str:
    """Return the regular expression for a pattern that matches one component of a path."""
    pieces = [""]
    for symbol in _SPECIAL.split(pattern):
        if symbol == "*":
            pieces.append("")
        elif symbol == "?":
            pieces[-1] += "[^/]"
        elif _SPECIAL.fullmatch(symbol):
            # fnmatch returns "(?s:", the character class, and the end of the pattern.
            pieces[-1] += f"(?!/){translate(symbol)[4:-3]}"
        else:
            pieces[-1] += re.escape(symbol)
    return _with_gaps(pieces, _IN_PART)


def _with_gaps(pieces: Sequence[str], gap: str) -> str:
    """Join expressions with an expression for gaps, in atomic groups to prevent backtracking."""
    if len(pieces) == 1:
        return pieces[0]
    first, *inner, last = pieces
    return first + "".join(f"(?>{gap}?{piece})" for piece in inner) + gap + last
