"""Untrusted text on a terminal."""

from __future__ import annotations

import pytest

from pytest_indexcache.printable import printable


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("torch 2.8.0+cpu", None, "torch 2.8.0+cpu"),
        ("naïve ✓", None, "naïve ✓"),
        ("red\x1b[31m", None, "red\\x1b[31m"),
        ("two\nlines\tand a tab", None, "two\\nlines\\tand a tab"),
        ("right\u202eleft", None, "right\\u202eleft"),
        ("::error title=x::y", None, "\\x3a:error title=x::y"),
        ("  ::stop-commands::x", None, "  \\x3a:stop-commands::x"),
        ("##[group]x", None, "\\x23#[group]x"),
        ("a ::error:: b", None, "a ::error:: b"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("passed over: no lock", 20, "passed over: no lock"),
        ("passed over: no lock", 19, "passed over: no …"),
        ("passed over: no lock", 17, "passed over: no …"),
        ("passed over: no lock", 16, "passed over: …"),
        ("a https://example.org/x", 16, "a https://examp…"),
    ],
)
def test_text_is_escaped_and_shortened(text: str, limit: int | None, shown: str) -> None:
    """Control characters are escaped, and a long text ends with an ellipsis."""
    assert printable(text, limit) == shown
