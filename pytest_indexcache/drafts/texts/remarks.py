"""Comments on guesses, and on parts that the reporter must complete."""

from __future__ import annotations

from pytest_indexcache.drafts.texts.toml_text import comment


def to_be_read(text: str) -> str:
    """Return a comment that marks a guess for the user to check."""
    return comment(f"to be read: {text}")
