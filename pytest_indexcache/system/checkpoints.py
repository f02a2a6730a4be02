"""Places between two pieces of work at which whoever started the installer may end it."""

from __future__ import annotations

from collections.abc import Callable

Checkpoint = Callable[[], None]
"""Returns where the work may go on, and raises where it is to end; called from several threads."""


def go_on() -> None:
    """Let the work go on."""
