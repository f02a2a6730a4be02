"""Count the plays of a command, and show each as one of a total."""

from __future__ import annotations

from pytest_indexcache.cli.terminal.progress import Progress


class PlayCount:
    """Counts the plays of a command that determines in several stages what to play.

    The total is the number of planned plays plus an estimate of later ones. On a terminal, the
    status line shows each play that begins. Elsewhere, a line is printed for each play whose name
    differs from the previous play's name.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._begun = 0
        self._planned = 0
        self._expected = 0
        self._name = ""

    def plan(self, plays: int) -> None:
        """Add a number of planned plays to the total."""
        self._planned += plays

    def expect(self, plays: int) -> None:
        """Estimate the number of plays that will be planned later."""
        self._expected = plays

    def begin(self, name: str) -> None:
        """Show that a play is starting."""
        text = self._next(name)
        if name == self._name:
            self.progress.now(text)
        else:
            self.progress.detail(text)
        self._name = name

    def begin_expected(self, name: str) -> None:
        """Show in the status line that a play is starting that was only expected, not planned."""
        self._planned += 1
        self._expected = max(self._expected - 1, 0)
        self.progress.now(self._next(name))

    def _next(self, name: str) -> str:
        self._begun += 1
        total = max(self._planned + self._expected, self._begun)
        return f"play {self._begun} of {'about ' if self._expected else ''}{total}: {name}"
