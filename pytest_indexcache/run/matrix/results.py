"""Plays as they are kept and compared: the result in brief, what was played, where and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_indexcache.run.plays.results import BEHAVES, JUDGED, PlayResult, Verdict, verdict_of
from pytest_indexcache.scenario.values.listed import ListedBug


def days_played(records: Iterable[PlayRecord]) -> str:
    """Name the first and the last day of plays: ``2026-11-21``, or two; empty without plays."""
    days = sorted({record.played_at.partition("T")[0] for record in records})
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else ""


@dataclass(frozen=True)
class Circumstances:
    """What a verdict may depend on besides scenario and installer.

    ``platform`` as sysconfig names it (``linux-x86_64``), ``python`` with its implementation
    (``CPython 3.13.0``), ``harness`` the version of this package and a digest of its code.
    """

    platform: str
    python: str
    harness: str


@dataclass(frozen=True)
class PlayRecord:
    """A play that was made.

    ``result`` is in brief, ``digest`` that of what the scenario plays, ``played_at`` in UTC
    (ISO 8601).
    """

    result: PlayResult
    digest: str
    circumstances: Circumstances
    played_at: str

    @property
    def is_judged(self) -> bool:
        """Whether the verdict says something about caching: neither a skip nor an error."""
        return self.result.verdict in JUDGED

    @property
    def release(self) -> str:
        """The installer's release; its spec where a release was never seen."""
        return self.result.installer_version or self.result.installer

    def judged(self, listed: ListedBug) -> PlayRecord:
        """Judge anew by how the scenario lists the release now."""
        if not self.is_judged:
            return self
        verdict = verdict_of(held=self.result.verdict in BEHAVES, listed=listed)
        by_chance = listed is ListedBug.SOMETIMES
        return replace(self, result=replace(self.result, verdict=verdict, by_chance=by_chance))

    def told_of(
        self, name: str, title: str, issue: str | None, tags: Iterable[str] = ()
    ) -> PlayRecord:
        """Give the scenario the name, the title, the issue and the tags that it has now."""
        told = replace(self.result, scenario=name, title=title, issue=issue, tags=tuple(tags))
        return replace(self, result=told)

    def to_json(self) -> dict[str, Any]:
        """Return the record as what JSON can hold."""
        return {
            **vars(self.circumstances),
            "played_at": self.played_at,
            "digest": self.digest,
            "result": self.result.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlayRecord:
        """Make the record that :meth:`to_json` wrote."""
        circumstances = Circumstances(data["platform"], data["python"], data["harness"])
        result = PlayResult.from_json(data["result"])
        return cls(result, data["digest"], circumstances, data["played_at"])


def in_brief(result: PlayResult) -> PlayResult:
    """Leave out of a result what only a person who looks at this one play needs.

    That is the exchanges, the output, the files, what came and went in the venv and the lockfile,
    and the checks that hold. How many exchanges and bytes there were is kept.
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
    """Whether nobody needs to do anything about a verdict.

    ``strict`` says that a record which is out of date (``fixed``) is to be mended.
    """
    return verdict not in (Verdict.FAILED, Verdict.ERROR) and not (
        strict and verdict is Verdict.FIXED
    )
