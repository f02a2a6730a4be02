"""Make untrusted text safe for a terminal."""

from __future__ import annotations

import re
from typing import Final

_WORKFLOW_COMMAND: Final = re.compile(r"^(\s*)(:(?=:)|#(?=#\[))")


def printable(text: str, limit: int | None = None) -> str:
    """Escape control characters in a text, and shorten it if it is too long.

    ``limit`` is in characters. A longer text is cut and ends with an ellipsis; it is cut between
    words if the second half of the shortened text contains a space. Tabs and line endings are also
    escaped, so that the text stays on one line.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
    # GitHub's workflow runner executes lines that begin with this as commands.
    shown = _WORKFLOW_COMMAND.sub(lambda found: f"{found[1]}\\x{ord(found[2]):02x}", shown)
    if limit is not None and len(shown) > limit:
        words = shown[: limit - 1].rpartition(" ")[0].rstrip()
        return f"{words} …" if len(words) > limit // 2 else f"{shown[: limit - 1]}…"
    return shown
