"""Lines of text that fit the terminal: they are wrapped at spaces, and never cut off."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final, TextIO

from pytest_indexcache.cli.terminal.streams import is_terminal, terminal_width
from pytest_indexcache.printable import printable

_COMMAND: Final = "$ "
"""The prompt before a command line, which is not wrapped, so that it can be pasted."""

_LEAD: Final = re.compile(r"[\s│├└─]*")
_BELOW: Final = str.maketrans("├└─", "│  ")
"""The characters that continue the branches of a tree on wrapped lines."""


def text_width(stream: TextIO) -> int | None:
    """Return the width to which lines are wrapped, or None if no width is known.

    The width of a terminal is known; for other streams, the variable COLUMNS can set it.
    """
    return terminal_width() if is_terminal(stream) or os.environ.get("COLUMNS") else None


def wrapped(line: str, width: int | None) -> list[str]:
    """Wrap a line at its spaces, indenting continuation lines by two more characters.

    A word longer than ``width``, such as a URL or a path, is not broken. A command line after ``$``
    is not wrapped.
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
    """Write lines to a stream, escaped and wrapped to its width."""
    width = text_width(stream)
    stream.write("".join(f"{part}\n" for line in lines for part in wrapped(printable(line), width)))


def write_text(stream: TextIO, text: str) -> None:
    """Write a text of one or more lines to a stream, escaped and wrapped to its width."""
    write_lines(stream, text.splitlines())


def beside(rows: Iterable[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Yield each name beside its description, or above it if there is not enough room.

    Descriptions are wrapped; all lines of a description are indented equally.
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
