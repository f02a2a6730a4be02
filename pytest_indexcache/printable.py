"""Make untrusted text safe to print."""

from __future__ import annotations

import re
from typing import Final

_WORKFLOW_COMMAND: Final = re.compile(r"^(\s*)(:(?=:)|#(?=#\[))")


def printable(text: str, limit: int | None = None) -> str:
    """Return the text on one line, with control characters escaped.

    Tabs and line breaks are escaped, too. If the text has more than ``limit`` characters, it is
    shortened, if possible between two words, and ends with an ellipsis.
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
