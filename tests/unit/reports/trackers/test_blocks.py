"""Untrusted text in Markdown."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.trackers.blocks import code, fenced, shown, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch comes again", "torch comes again"),
        ("ask @somebody now", "ask `@somebody` now"),
        ("see #12, gh-7 and owner/repo#3", "see `#12,` `gh-7` and `owner/repo#3`"),
        ("https://evil.example/ here", "`https://evil.example/` here"),
        ("<img src=x> & [a](b)", "\\<img src=x\\> \\& \\[a\\](b)"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("a\x1b[31mb", "a\\\\x1b\\[31mb"),
        ("`@x`", "`` `@x` ``"),
    ],
)
def test_text_of_strangers_is_shown_and_not_obeyed(text: str, expected: str) -> None:
    """Markup is escaped, and text that a tracker would link or mention is shown as code."""
    assert shown(text) == expected


def test_fence_is_longer_than_any_inside() -> None:
    """No line of a text can close the fence around the text."""
    assert fenced("a\n````\n</details>", "toml") == [
        "`````toml",
        "a",
        "````",
        "</details>",
        "`````",
    ]


def test_bar_ends_no_cell() -> None:
    """A vertical bar in a cell is escaped once, both inside and outside code."""
    assert table(("a",), [(code("x|y"),), ("z\\|",)])[2:] == ["| `x\\|y` |", "| z\\| |"]
