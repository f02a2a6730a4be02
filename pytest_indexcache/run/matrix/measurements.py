"""Measure which releases of each installer are affected by each scenario's bug."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pytest_indexcache.run.matrix.results import PlayRecord, days_played
from pytest_indexcache.run.plays.results import MISBEHAVES


@dataclass(frozen=True)
class Measurement:
    """The measurement of one scenario with one installer.

    ``verdicts`` maps each judged release, oldest first, to whether it has the bug; ``played`` lists
    these releases and the days of their plays.
    """

    verdicts: tuple[tuple[Version, bool], ...]
    played: str

    @property
    def affected(self) -> str:
        """The specifier (PEP 440) of the releases with the bug; empty if no release has it."""
        return _specifier(self.verdicts)

    def agrees_with(self, affected: str | None) -> bool:
        """Return whether a specifier matches exactly those judged releases that have the bug."""
        if affected is None:
            return not any(bad for _, bad in self.verdicts)
        releases = SpecifierSet(affected)
        return all(
            releases.contains(version, prereleases=True) is bad for version, bad in self.verdicts
        )


def measurements(records: Iterable[PlayRecord]) -> Mapping[str, Mapping[str, Measurement]]:
    """Return the measurements, keyed by scenario and then by installer.

    Only judged plays of released installers count. Skipped plays and errors show nothing about
    caching.
    """
    found: dict[str, dict[str, list[PlayRecord]]] = {}
    for record in records:
        name, separator, _ = record.result.installer.partition("==")
        if separator and record.is_judged and _version(record) is not None:
            found.setdefault(record.result.scenario, {}).setdefault(name, []).append(record)
    return {
        scenario: {name: _measurement(plays) for name, plays in sorted(by_installer.items())}
        for scenario, by_installer in sorted(found.items())
    }


def _version(record: PlayRecord) -> Version | None:
    try:
        return Version(record.release)
    except InvalidVersion:
        return None


def _measurement(records: Sequence[PlayRecord]) -> Measurement:
    verdicts = {Version(record.release): record.result.verdict in MISBEHAVES for record in records}
    releases = sorted(verdicts)
    span = " - ".join(dict.fromkeys((str(releases[0]), str(releases[-1]))))
    many = "" if len(releases) == 1 else f", {len(releases)} releases"
    judged = tuple((version, verdicts[version]) for version in releases)
    return Measurement(judged, f"{span}{many}; {days_played(records)}")


def _specifier(verdicts: Sequence[tuple[Version, bool]]) -> str:
    """Return one specifier set for the releases that misbehave.

    If the newest release misbehaves, the set has no upper bound, because the next release is
    expected to misbehave, too.
    """
    runs = [
        (bad, [version for version, _ in run])
        for bad, run in groupby(verdicts, lambda verdict: verdict[1])
    ]
    while runs and not runs[0][0]:
        runs.pop(0)
    if not runs:
        return ""
    parts = [f">={runs[0][1][0]}"]
    if not runs[-1][0]:
        runs.pop()
        parts.append(f"<={runs[-1][1][-1]}")
    good = [release for bad, run in runs if not bad for release in run]
    return ",".join([*parts, *_exclusions(good, [release for release, _ in verdicts])])


def _exclusions(good: Sequence[Version], all_releases: Sequence[Version]) -> Iterator[str]:
    """Yield exclusions, such as ``!=1.2.*`` if all played releases of 1.2 behave correctly."""
    for series, run in groupby(good, lambda version: version.release[:2]):
        releases = list(run)
        whole = [version for version in all_releases if version.release[:2] == series]
        if 1 < len(releases) == len(whole):
            yield f"!={'.'.join(map(str, series))}.*"
        else:
            yield from (f"!={release}" for release in releases)
