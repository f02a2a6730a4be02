"""Points between two pieces of work at which the caller can stop the installer."""

from __future__ import annotations

from collections.abc import Callable

Checkpoint = Callable[[], None]
"""A function that returns if the work may continue, and otherwise raises an error.

It is called from several threads.
"""


def go_on() -> None:
    """Do nothing, so that the work continues."""
