"""Text of strangers, made fit for a terminal."""

from __future__ import annotations

import re
from typing import Final

_WORKFLOW_COMMAND: Final = re.compile(r"^(\s*)(:(?=:)|#(?=#\[))")


def printable(text: str, limit: int | None = None) -> str:
    """Escape whatever a terminal would obey rather than show, and shorten what is too long.

    ``limit`` is in characters; what is too long ends in an ellipsis after a whole word, if there
    is a space in its second half. Tabs and line ends are escaped as well: one text, one line.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
    # A line that begins so is a command to the runner of GitHub's workflows.
    shown = _WORKFLOW_COMMAND.sub(lambda found: f"{found[1]}\\x{ord(found[2]):02x}", shown)
    if limit is not None and len(shown) > limit:
        words = shown[: limit - 1].rpartition(" ")[0].rstrip()
        return f"{words} …" if len(words) > limit // 2 else f"{shown[: limit - 1]}…"
    return shown
