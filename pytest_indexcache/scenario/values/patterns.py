"""Patterns of texts, names and paths, matched in a time that grows with their length alone.

What stands between two ``*`` is looked for at the first place where it can be, and at no other:
what comes after it fits behind that place if it fits anywhere. A search that tries all places takes
longer than anybody waits after a few ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import Final

Matcher = Callable[[str], bool]
"""Returns whether a text is matched."""

_SPECIAL: Final = re.compile(r"(\*|\?|\[!?\]?[^\]]*\])")
_IN_PART: Final = "[^/]*"
_FOLDERS: Final = "(?:[^/]+/)*"


def matches_text(text: str, pattern: str) -> bool:
    """Return whether a text is matched by a pattern in which only ``*`` has a meaning."""
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
    """Return the matcher of a pattern in which only ``*`` has a meaning."""
    return partial(matches_text, pattern=pattern)


@lru_cache(maxsize=1024)
def name_matcher(pattern: str) -> Matcher:
    """Return the matcher of a pattern of names: ``*`` is any text, ``?`` any character."""
    return _matcher(_part(pattern))


def path_matcher(pattern: str) -> Matcher:
    """Return the matcher of a pattern of paths with slashes, as :meth:`pathlib.Path.glob` has it.

    ``**`` is any number of folders, and at the end all files below them.
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
    """Return whether a name is a pattern of names."""
    return "*" in text or "?" in text


def _matcher(expression: str) -> Matcher:
    compiled = re.compile(expression, re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None


def _part(pattern: str) -> str:
    """Return the regular expression of a pattern within one part of a path."""
    pieces = [""]
    for symbol in _SPECIAL.split(pattern):
        if symbol == "*":
            pieces.append("")
        elif symbol == "?":
            pieces[-1] += "[^/]"
        elif _SPECIAL.fullmatch(symbol):
            # fnmatch gives "(?s:", the class, and the end of the text.
            pieces[-1] += f"(?!/){translate(symbol)[4:-3]}"
        else:
            pieces[-1] += re.escape(symbol)
    return _with_gaps(pieces, _IN_PART)


def _with_gaps(pieces: Sequence[str], gap: str) -> str:
    """Join expressions by one of what may lie between; an atomic group is tried at one place."""
    if len(pieces) == 1:
        return pieces[0]
    first, *inner, last = pieces
    return first + "".join(f"(?>{gap}?{piece})" for piece in inner) + gap + last
