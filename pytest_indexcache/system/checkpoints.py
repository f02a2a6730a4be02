"""Let the caller of the installer stop its work at certain points."""

from __future__ import annotations

from collections.abc import Callable

Checkpoint = Callable[[], None]
"""A function that raises an error to stop the work, and otherwise does nothing.

Several threads may call it.
"""


def go_on() -> None:
    """Do nothing: the default for a caller that never stops the work."""
