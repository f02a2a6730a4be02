"""Find the posts in a thread and their authors, in the formats of trackers and their clients."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"@?(?P<name>[A-Za-z0-9][\w.-]{0,60})(?:\[bot\])?"
_DATE: Final = r"(?:on )?(?:\w{3,9} \d|\d{4}-\d\d|\d+ \w+ ago|an? \w+ ago|last \w+|yesterday)"
_HEADS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[_*]{{0,3}}(?:Issue|Discussion|Pull request)? ?(?:opened) by {_NAME}\b.*",
        rf"[_*]{{1,3}}Comment by {_NAME}\b.*",
        r"[_*]{1,3}@(?P<name>[\w.-]{1,60}?)[_*]{1,3}",
        rf"author:\s+{_NAME}",
        rf"[#*_ ]{{0,5}}{_NAME}[*_]{{0,3}} (?:commented|opened|replied|wrote|asked) {_DATE}.*",
        rf"{_NAME} · (?:description|comment|review) · \d{{4}}-\d\d.*",
    )
)
_LONGEST_HEAD: Final = 160
_SIGNS: Final = (
    "@",
    "author:",
    " · ",
    "commented",
    "opened",
    "replied",
    "wrote",
    "asked",
    "created",
)
"""Every post heading contains at least one of these strings, so all other lines are skipped."""


@dataclass(frozen=True)
class Posts:
    """The posts in a thread: the numbers of their first lines (from 1), and their authors."""

    starts: tuple[int, ...] = ()
    authors: tuple[str, ...] = ()

    def is_opener(self, line: int) -> bool:
        """Return whether a line is by the author of the first post, or precedes all posts."""
        number = bisect_right(self.starts, line)
        return number == 0 or self.authors[number - 1] == self.authors[0]


def find_posts(lines: Sequence[str]) -> Posts:
    """Find the posts in the prose of a thread."""
    heads = [
        (number, found["name"])
        for number, line in enumerate(lines, start=1)
        if len(line) <= _LONGEST_HEAD and (found := _head(line.strip()))
    ]
    return Posts(tuple(number for number, _ in heads), tuple(name for _, name in heads))


def _head(line: str) -> re.Match[str] | None:
    if not any(sign in line for sign in _SIGNS):
        return None
    return next((found for pattern in _HEADS if (found := pattern.fullmatch(line))), None)
