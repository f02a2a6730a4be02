"""Wrap lines to the terminal's width, and write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final, TextIO

from pytest_indexcache.cli.terminal.streams import is_terminal, terminal_width
from pytest_indexcache.printable import printable

_COMMAND: Final = "$ "
"""The prompt before command lines, which are not wrapped so that users can paste them."""

_LEAD: Final = re.compile(r"[\s│├└─]*")
_BELOW: Final = str.maketrans("├└─", "│  ")
"""Replaces the branches of a tree with vertical lines, for the continuation of a wrapped line."""


def text_width(stream: TextIO) -> int | None:
    """Return the width to which lines are wrapped, or None if they are not wrapped.

    The width is that of the terminal, or the value of the variable COLUMNS.
    """
    return terminal_width() if is_terminal(stream) or os.environ.get("COLUMNS") else None


def wrapped(line: str, width: int | None) -> list[str]:
    """Wrap a line at spaces, and indent continuation lines by two more characters.

    Words longer than ``width``, such as URLs, are not split. Command lines after ``$`` are not
    wrapped.
    """
    lead = _LEAD.match(line)
    start = lead[0] if lead else ""
    if width is None or len(line) <= width or line.startswith(_COMMAND, len(start)):
        return [line]
    text = line[len(start) :]
    return wrap(
        text,
        max(width, len(start) + 20),
        initial_indent=start,
        subsequent_indent=f"{start.translate(_BELOW)}  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def write_lines(stream: TextIO, lines: Iterable[str]) -> None:
    """Make lines printable, wrap them, and write them to a stream."""
    width = text_width(stream)
    stream.write("".join(f"{part}\n" for line in lines for part in wrapped(printable(line), width)))


def write_text(stream: TextIO, text: str) -> None:
    """Make text of one or more lines printable, wrap it, and write it to a stream."""
    write_lines(stream, text.splitlines())


def beside(rows: Iterable[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Yield lines that show names with their descriptions next to them.

    On a narrow terminal, each description is below its name.
    """
    shown = [(printable(name), printable(text)) for name, text in rows]
    widest = max((len(name) for name, _ in shown), default=0)
    is_narrow = width is not None and widest > width // 2
    for name, text in shown:
        start = "    " if is_narrow else f"{name:{widest}}  "
        if is_narrow:
            yield name
        if width is None:
            yield f"{start}{text}".rstrip()
            continue
        room = max(width, len(start) + 20)
        yield from wrap(
            text,
            room,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_on_hyphens=False,
            break_long_words=False,
        ) or [start.rstrip()]
