"""Find out a stream's width, and whether it supports control sequences and colours."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from typing import Final, TextIO

_WITHOUT: Final = 100
_NARROWEST: Final = 20


def terminal_width(stream: TextIO | None = None) -> int:
    """Return the width of a stream's terminal in characters, or 100 if it is not a terminal.

    The environment variable COLUMNS takes precedence.
    """
    columns = shutil.get_terminal_size((_WITHOUT, 24)).columns
    if stream is not None and stream is not sys.stdout and not os.environ.get("COLUMNS"):
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(stream.fileno()).columns
    return max(columns, _NARROWEST)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that supports control sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def wants_colour(stream: TextIO) -> bool:
    """Return whether output to a stream may be coloured (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")
