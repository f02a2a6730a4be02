"""Show the number of each play, and of how many plays it is one."""

from __future__ import annotations

from pytest_indexcache.cli.terminal.progress import Progress


class PlayCount:
    """Counts the plays of a command that finds out in several parts what to play.

    The total is the number of planned plays with an estimate of later ones. On a terminal, the
    status line shows each play that begins; elsewhere, a line is printed for each play whose name
    differs from that of the play before.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._begun = 0
        self._planned = 0
        self._expected = 0
        self._name = ""

    def plan(self, plays: int) -> None:
        """Add a number of plays to the total: they will be played."""
        self._planned += plays

    def expect(self, plays: int) -> None:
        """Estimate the number of plays that will be planned later."""
        self._expected = plays

    def begin(self, name: str) -> None:
        """Show that a play begins."""
        text = self._next(name)
        if name == self._name:
            self.progress.now(text)
        else:
            self.progress.detail(text)
        self._name = name

    def begin_expected(self, name: str) -> None:
        """Show in the status line that a play begins which was not planned, only expected."""
        self._planned += 1
        self._expected = max(self._expected - 1, 0)
        self.progress.now(self._next(name))

    def _next(self, name: str) -> str:
        self._begun += 1
        total = max(self._planned + self._expected, self._begun)
        return f"play {self._begun} of {'about ' if self._expected else ''}{total}: {name}"
