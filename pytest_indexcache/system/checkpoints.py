"""Points between two pieces of work at which the caller can stop the installer."""

from __future__ import annotations

from collections.abc import Callable

Checkpoint = Callable[[], None]
"""Returns if the work may continue, and raises an error to stop it; called from several threads."""


def go_on() -> None:
    """Do nothing, so that the work continues."""
