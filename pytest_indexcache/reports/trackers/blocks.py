"""Parts of Markdown that show the text of strangers, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.markdown_report import markdown_text

_LINKED: Final = re.compile(r"@|://|\bwww\.|#\d|\bgh-\d", re.IGNORECASE)
"""What trackers make links or mentions of, wherever it stands, except in code."""

_BLOCK: Final = re.compile(r"^(?:[#+=-]|\d+[.)])")
"""What begins a heading or a list at the start of a line."""


def shown(text: str) -> str:
    """Return the text of a stranger for a line: no markup, link, mention or reference is in it.

    Words that a tracker would make a link or a mention of are shown as code.
    """
    words = text.split()
    safe = [code(word) if _LINKED.search(word) else markdown_text(word) for word in words]
    joined = " ".join(safe)
    return f"\\{joined}" if _BLOCK.match(joined) and not joined[0].isdigit() else joined


def code(text: str) -> str:
    """Return a text as code, in more backquotes than it holds in a row."""
    one_line = printable(text)
    quotes = "`" * (_longest_run(one_line) + 1)
    space = " " if "`" in one_line else ""
    return f"{quotes}{space}{one_line}{space}{quotes}"


def fenced(text: str, language: str) -> list[str]:
    """Return the lines of a text in a fence that nothing in it can close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    lines = [printable(line.replace("\t", "    ")) for line in text.splitlines()]
    return [f"{fence}{language}", *lines, fence]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Return lines that are shown when ``summary``, a text of this project, is clicked."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of cells that are Markdown already."""
    lines = (head, ("---",) * len(head), *rows)
    return [f"| {' | '.join(map(_cell, row))} |" for row in lines]


def _cell(text: str) -> str:
    """Escape what ends a cell; inside code, too, that is how a bar is written (GFM 4.10)."""
    return re.sub(r"(?<!\\)\|", r"\|", text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
