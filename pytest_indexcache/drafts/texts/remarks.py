"""Format comments on guesses."""

from __future__ import annotations

from pytest_indexcache.drafts.texts.toml_text import comment


def to_be_read(text: str) -> str:
    """Return a comment that asks the user to check a guess."""
    return comment(f"to be read: {text}")
