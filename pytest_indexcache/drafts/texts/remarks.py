"""Comments on what was guessed, and what is left to the reporter."""

from __future__ import annotations

from pytest_indexcache.drafts.texts.toml_text import comment


def to_be_read(text: str) -> str:
    """Return a comment that marks a guess."""
    return comment(f"to be read: {text}")
