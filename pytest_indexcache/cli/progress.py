"""Saying how it goes on: a line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
from types import TracebackType
from typing import Final, Self, TextIO

from pytest_indexcache.run.plays.results import Verdict

_COLOURS: Final = {
    Verdict.PASSED: "32",
    Verdict.REPRODUCED: "33",
    Verdict.FAILED: "31",
    Verdict.FIXED: "31",
    Verdict.ERROR: "31;1",
    Verdict.SKIPPED: "2",
}


def terminal_width() -> int:
    """Return how many characters a line of the terminal has; 100 if there is no terminal."""
    return max(shutil.get_terminal_size((100, 24)).columns, 20)


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream ends at a terminal that understands more than lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painted(text: str, verdict: Verdict | None) -> str:
    """Give a text the colour of a verdict."""
    colour = None if verdict is None else _COLOURS[verdict]
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def plain(text: str, _: Verdict | None) -> str:
    """Leave a text as it is."""
    return text


def wants_colour(stream: TextIO) -> bool:
    """Whether colours are shown there (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


class Progress:
    """Lines that stay, and on a terminal one more at the end, that changes.

    Without ``shows_plays`` only warnings are shown, and what else is for `line`.
    """

    def __init__(self, stream: TextIO, *, shows_plays: bool = True) -> None:
        self._stream = stream
        self._shows_plays = shows_plays
        self._is_terminal = is_terminal(stream)
        self._shown = False

    def now(self, text: str) -> None:
        """Show the current activity on a terminal, in a line that the next output replaces."""
        if self._is_terminal and self._shows_plays:
            self._clear()
            self._stream.write(text[: terminal_width() - 1])
            self._stream.flush()
            self._shown = True

    def line(self, text: str) -> None:
        """Say something that stays."""
        self._clear()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def play(self, text: str) -> None:
        """Say how a play ended, in a line that stays."""
        if self._shows_plays:
            self.line(text)

    def detail(self, text: str) -> None:
        """Say how a play ended: where lines are read later it stays, on a terminal it changes."""
        if self._is_terminal:
            self.now(text)
        else:
            self.play(text)

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clear()
        self._stream.flush()
