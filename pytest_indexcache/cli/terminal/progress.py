"""Show progress: a status line on a terminal, and plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.streams import is_terminal, terminal_width


class Progress:
    """Prints messages and, on a terminal, a status line that is overwritten.

    If ``shows_plays`` is false, only :meth:`line` prints anything.
    """

    def __init__(self, stream: TextIO, *, shows_plays: bool = True) -> None:
        self._stream = stream
        self._shows_plays = shows_plays
        self._is_terminal = is_terminal(stream)
        self._shown = False

    def now(self, text: str) -> None:
        """Show text in the status line, or do nothing if there is no terminal."""
        if self._is_terminal and self._shows_plays:
            self._clear()
            self._stream.write(text[: terminal_width(self._stream) - 1])
            self._stream.flush()
            self._shown = True

    def line(self, text: str) -> None:
        """Make a message printable, wrap it, and print it."""
        self._clear()
        write_text(self._stream, text)
        self._stream.flush()

    def play(self, text: str) -> None:
        """Print the result of a play."""
        if self._shows_plays:
            self.line(text)

    def detail(self, text: str) -> None:
        """Show the result of a play in the status line, or print it if there is no terminal."""
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
