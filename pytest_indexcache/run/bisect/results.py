"""The result of a bisect, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pytest_indexcache.run.plays.results import Verdict


@dataclass(frozen=True)
class ReleaseVerdict:
    """The verdict on one release.

    ``uploaded`` is the day of its first upload (ISO 8601), or None if the index does not state it.
    ``behaves`` is None if the play shows nothing about the scenario's bug; ``reason`` then explains
    why. ``signature`` identifies the misbehaviour. ``failed`` lists the failed checks, such as
    ``downloads.torch 1, expected 0``, and ``causes`` their causes. ``remembered`` is true for a
    play from an earlier search. ``was_played`` is false if the release could not be provisioned or
    started.
    """

    release: str
    uploaded: str | None
    verdict: Verdict
    behaves: bool | None
    step: int | None = None
    reason: str = ""
    remembered: bool = False
    was_played: bool = True
    signature: str | None = None
    failed: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def in_short(self) -> str:
        """A short description of the behaviour, such as ``behaves`` or ``misbehaves at step 3``."""
        if self.behaves is None:
            return "not judged" if self.signature else str(self.verdict)
        return "behaves" if self.behaves else f"misbehaves at step {self.step}"

    def agrees_with(self, other: ReleaseVerdict) -> bool:
        """Return whether ``other``, another play of the same release, had the same outcome."""
        return (self.behaves, self.signature) == (other.behaves, other.signature)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        return {
            **vars(self),
            "verdict": str(self.verdict),
            "failed": list(self.failed),
            "causes": list(self.causes),
        }


@dataclass(frozen=True)
class Boundary:
    """Two successive releases that behave differently.

    ``between`` lists the releases in between that could not be judged, and ``unasked`` is the
    number of releases in between that were not played. ``again`` lists the repeated plays of both
    releases. ``compare_url`` leads to the changes in the installer's repository.
    """

    before: ReleaseVerdict
    after: ReleaseVerdict
    between: tuple[ReleaseVerdict, ...] = ()
    unasked: int = 0
    again: tuple[ReleaseVerdict, ...] = ()
    compare_url: str | None = None

    @property
    def is_repair(self) -> bool:
        """Whether the newer release behaves correctly."""
        return self.after.behaves is True

    @property
    def kind(self) -> str:
        """The newer release's effect on the behaviour: ``breaks``, ``mends`` or ``changes``."""
        if self.is_repair:
            return "mends"
        return "breaks" if self.before.behaves else "changes"

    @property
    def bad(self) -> ReleaseVerdict:
        """The release that misbehaves, or the newer release if both do."""
        return self.before if self.is_repair else self.after

    @property
    def is_flaky(self) -> bool:
        """Whether a repeated play of either release had a different outcome."""
        first = {verdict.release: verdict for verdict in (self.before, self.after)}
        return not all(verdict.agrees_with(first[verdict.release]) for verdict in self.again)

    def to_json(self) -> dict[str, Any]:
        """Return the boundary as JSON data."""
        return {
            "kind": self.kind,
            "is_repair": self.is_repair,
            "is_flaky": self.is_flaky,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "between": [answer.to_json() for answer in self.between],
            "unasked": self.unasked,
            "again": [answer.to_json() for answer in self.again],
            "compare_url": self.compare_url,
        }


@dataclass(frozen=True)
class BisectResult:
    """The result of a bisect: the verdicts of the releases that were played, oldest first.

    ``releases`` lists all releases that were searched. ``lacking`` lists the releases that lack a
    capability that the scenario needs. ``is_exhaustive`` is true for a search that
    plays every other release. ``platform``, ``python`` and ``harness`` describe where the plays
    ran.
    """

    scenario: str
    title: str
    issue: str | None
    installer: str
    transport: str
    releases: tuple[str, ...]
    lacking: tuple[ReleaseVerdict, ...]
    answers: tuple[ReleaseVerdict, ...]
    boundaries: tuple[Boundary, ...]
    is_exhaustive: bool
    platform: str
    python: str
    harness: str

    @property
    def judged(self) -> Sequence[ReleaseVerdict]:
        """The verdicts on releases that could be judged."""
        return [answer for answer in self.answers if answer.behaves is not None]

    @property
    def unjudged(self) -> Sequence[ReleaseVerdict]:
        """The verdicts on releases that could not be judged."""
        return [answer for answer in self.answers if answer.behaves is None]

    @property
    def again(self) -> int:
        """The number of repeated plays."""
        places = {
            (answer.release, number)
            for boundary in self.boundaries
            for release in (boundary.before, boundary.after)
            for number, answer in enumerate(
                verdict for verdict in boundary.again if verdict.release == release.release
            )
        }
        return len(places)

    @property
    def plays(self) -> int:
        """The number of plays, including repeated plays but not remembered plays."""
        first = sum(1 for verdict in self.answers if verdict.was_played and not verdict.remembered)
        return first + self.again

    @property
    def unlooked(self) -> Sequence[Sequence[str]]:
        """The stretches of consecutive releases that were not played, oldest first."""
        asked = {verdict.release for verdict in (*self.answers, *self.lacking)}
        runs = groupby(self.releases, key=lambda release: release in asked)
        return [list(run) for is_asked, run in runs if not is_asked]

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            **vars(self),
            "releases": len(self.releases),
            "plays": self.plays,
            "lacking": [answer.to_json() for answer in self.lacking],
            "answers": [answer.to_json() for answer in self.answers],
            "boundaries": [boundary.to_json() for boundary in self.boundaries],
            "unlooked": [
                {"oldest": run[0], "newest": run[-1], "releases": len(run)} for run in self.unlooked
            ],
        }
