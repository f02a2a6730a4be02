"""A scenario with two expectations, one of which holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """A scenario whose last step has no ``expect`` yet, and two expectations for that step.

    With ``unmet``, the check ``key`` fails; ``seen`` is a pattern for its observed value, and
    ``cause`` a part of its cause.
    """

    scenario: str
    met: str
    unmet: str
    key: str
    seen: str
    cause: str

    def text(self, expectation: str) -> str:
        """Return the scenario with one of the expectations in its last step."""
        return f"{self.scenario}expect.{expectation}\n"
