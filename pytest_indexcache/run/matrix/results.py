"""The record of a play: a short result, the scenario's digest, the time and the circumstances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_indexcache.run.plays.results import BEHAVES, JUDGED, PlayResult, Verdict, verdict_of
from pytest_indexcache.scenario.values.listed import ListedBug


def days_played(records: Iterable[PlayRecord]) -> str:
    """Return the days of plays, such as ``2026-11-20 to 2026-11-21``; empty if there are none."""
    days = sorted({record.played_at.partition("T")[0] for record in records})
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else ""


@dataclass(frozen=True)
class Circumstances:
    """The circumstances, besides scenario and installer, on which a verdict may depend.

    ``platform`` is the platform as in sysconfig (``linux-x86_64``), ``python`` the implementation
    and its version (``CPython 3.13.0``), and ``harness`` the version of this package with a digest
    of its code.
    """

    platform: str
    python: str
    harness: str


@dataclass(frozen=True)
class PlayRecord:
    """The record of a play.

    ``result`` is the short result, ``digest`` the digest of the played parts of the scenario, and
    ``played_at`` the time in UTC (ISO 8601).
    """

    result: PlayResult
    digest: str
    circumstances: Circumstances
    played_at: str

    @property
    def is_judged(self) -> bool:
        """Whether the play was judged, rather than skipped or ended by an error."""
        return self.result.verdict in JUDGED

    @property
    def release(self) -> str:
        """The installer's release, or its spec if the release is unknown."""
        return self.result.installer_version or self.result.installer

    def judged(self, listed: ListedBug) -> PlayRecord:
        """Return the record, judged again with the current list of affected releases."""
        if not self.is_judged:
            return self
        verdict = verdict_of(held=self.result.verdict in BEHAVES, listed=listed)
        by_chance = listed is ListedBug.SOMETIMES
        return replace(self, result=replace(self.result, verdict=verdict, by_chance=by_chance))

    def described_as(
        self, name: str, title: str, issue: str | None, tags: Iterable[str] = ()
    ) -> PlayRecord:
        """Return the record with the scenario's current name, title, issue and tags."""
        described = replace(self.result, scenario=name, title=title, issue=issue, tags=tuple(tags))
        return replace(self, result=described)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON data."""
        return {
            **vars(self.circumstances),
            "played_at": self.played_at,
            "digest": self.digest,
            "result": self.result.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlayRecord:
        """Create a record from the JSON data that :meth:`to_json` returns."""
        circumstances = Circumstances(data["platform"], data["python"], data["harness"])
        result = PlayResult.from_json(data["result"])
        return cls(result, data["digest"], circumstances, data["played_at"])


def in_brief(result: PlayResult) -> PlayResult:
    """Return a result without the details that only matter for a single play.

    The exchanges, the output, the files, the changes of the venv and the lockfile, and the checks
    that hold are left out. The numbers of exchanges and bytes are kept.
    """
    steps = tuple(
        replace(
            step,
            output="",
            files={},
            added={},
            removed={},
            exchanges=(),
            lock_diff="",
            counted=step.traffic,
            checks=tuple(check for check in step.checks if not check.held),
        )
        for step in result.steps
    )
    return replace(result, steps=steps)


def is_fine(verdict: Verdict, *, strict: bool) -> bool:
    """Return whether a verdict needs no action.

    With ``strict``, the verdict ``fixed`` needs an action, because ``[affected]`` is outdated.
    """
    return verdict not in (Verdict.FAILED, Verdict.ERROR) and not (
        strict and verdict is Verdict.FIXED
    )
