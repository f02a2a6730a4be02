"""Text of strangers, made fit for a terminal."""

from __future__ import annotations


def printable(text: str, limit: int | None = None) -> str:
    """Escape whatever a terminal would obey rather than show, and shorten what is too long.

    ``limit`` is in characters. Tabs and line ends are escaped as well: one text, one line.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
    if limit is not None and len(shown) > limit:
        return f"{shown[: limit - 1]}…"
    return shown
