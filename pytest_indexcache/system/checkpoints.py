"""Let the caller of the reference installer stop its work at certain points."""

from __future__ import annotations

from collections.abc import Callable

Checkpoint = Callable[[], None]
"""A function that raises an error to stop the work, and otherwise does nothing.

It must be thread-safe.
"""


def go_on() -> None:
    """Do nothing: the default for a caller that never stops the work."""
