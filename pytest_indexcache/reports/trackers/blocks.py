"""Write Markdown to which untrusted text cannot add markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.markdown_report import markdown_text

_LINKED: Final = re.compile(r"@|://|\bwww\.|#\d|\bgh-\d", re.IGNORECASE)
"""A pattern for text that trackers turn into a link or a mention, except in code."""

_BLOCK: Final = re.compile(r"^(?:[#+=-]|\d+[.)])")
"""A pattern for text that Markdown would read as the start of a heading or a list."""


def shown(text: str) -> str:
    """Return untrusted text as one line of Markdown without markup, links or mentions.

    Words that a tracker would turn into a link or a mention are formatted as code.
    """
    words = text.split()
    safe = [code(word) if _LINKED.search(word) else markdown_text(word) for word in words]
    joined = " ".join(safe)
    return f"\\{joined}" if _BLOCK.match(joined) and not joined[0].isdigit() else joined


def code(text: str) -> str:
    """Return the text as a code span, with enough backquotes that the text cannot close it."""
    one_line = printable(text)
    quotes = "`" * (_longest_run(one_line) + 1)
    space = " " if "`" in one_line else ""
    return f"{quotes}{space}{one_line}{space}{quotes}"


def fenced(text: str, language: str) -> list[str]:
    """Return the text as the lines of a code block, with a fence that the text cannot close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    lines = [printable(line.replace("\t", "    ")) for line in text.splitlines()]
    return [f"{fence}{language}", *lines, fence]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Return lines in a ``<details>`` element; the lines and ``summary`` are not escaped."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the cells are Markdown, and are not escaped."""
    lines = (head, ("---",) * len(head), *rows)
    return [f"| {' | '.join(map(_cell, row))} |" for row in lines]


def _cell(text: str) -> str:
    """Escape vertical bars in a table cell, which is necessary even in code (GFM 4.10)."""
    return re.sub(r"(?<!\\)\|", r"\|", text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
