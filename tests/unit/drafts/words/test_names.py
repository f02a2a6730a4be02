"""Versions and filenames in texts of strangers."""

from __future__ import annotations

from pytest_indexcache.drafts.words.names import is_version, named_file

DIGITS = "9" * 5000


def test_thousands_of_digits_are_ignored() -> None:
    """A version or a filename with more digits than Python converts is ignored, not an error."""
    assert not is_version(DIGITS)
    assert named_file(f"https://files.example/six-{DIGITS}-py3-none-any.whl") is None
