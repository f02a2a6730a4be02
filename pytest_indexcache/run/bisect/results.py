"""What a bisect found, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytest_indexcache.run.plays.results import Verdict


@dataclass(frozen=True)
class ReleaseVerdict:
    """What a play says of one release.

    ``uploaded`` is the day of its first upload (ISO 8601), None where the index does not tell.
    ``behaves`` is None where the play says nothing; ``reason`` says why. ``remembered`` says that
    it was played before.
    """

    release: str
    uploaded: str | None
    verdict: Verdict
    behaves: bool | None
    step: int | None = None
    reason: str = ""
    remembered: bool = False

    @property
    def in_short(self) -> str:
        """Whether it behaves, and if not, the step: ``misbehaves at step 3``."""
        if self.behaves is None:
            return str(self.verdict)
        return "behaves" if self.behaves else f"misbehaves at step {self.step}"


@dataclass(frozen=True)
class Boundary:
    """Two releases, the one after the other, that behave differently.

    ``between`` are releases that lie between them and could not be judged.
    """

    before: ReleaseVerdict
    after: ReleaseVerdict
    between: tuple[ReleaseVerdict, ...] = ()

    @property
    def is_repair(self) -> bool:
        """Whether the newer one behaves."""
        return self.after.behaves is True


@dataclass(frozen=True)
class BisectResult:
    """What was asked of which releases, and what the answers were, oldest first.

    ``releases`` counts those that were looked at, ``lacking`` are those that cannot play the
    scenario by their own account, ``is_exhaustive`` says that every other one was played.
    """

    scenario: str
    title: str
    issue: str | None
    installer: str
    transport: str
    releases: int
    lacking: tuple[ReleaseVerdict, ...]
    answers: tuple[ReleaseVerdict, ...]
    boundaries: tuple[Boundary, ...]
    is_exhaustive: bool

    @property
    def judged(self) -> Sequence[ReleaseVerdict]:
        """The answers that say something."""
        return [answer for answer in self.answers if answer.behaves is not None]

    @property
    def plays(self) -> int:
        """How many plays were made; those that were remembered do not count."""
        return sum(1 for answer in self.answers if not answer.remembered)

    def to_json(self) -> dict[str, Any]:
        """Return the result as what JSON can hold."""
        return {
            **vars(self),
            "plays": self.plays,
            "lacking": [_plain(answer) for answer in self.lacking],
            "answers": [_plain(answer) for answer in self.answers],
            "boundaries": [
                {
                    "is_repair": boundary.is_repair,
                    "before": _plain(boundary.before),
                    "after": _plain(boundary.after),
                    "between": [_plain(answer) for answer in boundary.between],
                }
                for boundary in self.boundaries
            ],
        }


def _plain(answer: ReleaseVerdict) -> dict[str, Any]:
    return {**vars(answer), "verdict": str(answer.verdict)}
