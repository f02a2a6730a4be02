"""Check the contents of the installer's cache after a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.run.plays.checks.counting import counted, weighed
from pytest_indexcache.run.plays.checks.tallies import Counted, tally
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation

_MOST = 3
"""The maximum number of entries that a check lists by name."""


def check_cache(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the entries in the cache and on its size."""
    if isinstance(expected.cached, Mapping):
        for kind, wanted in expected.cached.items():
            yield from _of_kind(kind, wanted, seen.cached.get(kind, ()))
    elif expected.cached is not None:
        entries = [entry for kind in seen.cached.values() for entry in kind]
        check = counted(CheckKind.CACHED, expected.cached, len(entries))
        yield _with_names(check, [entry.name for entry in entries])
    if expected.cache_bytes is not None:
        yield weighed(CheckKind.CACHE_BYTES, expected.cache_bytes, seen.cache_bytes)


def _of_kind(
    kind: str, wanted: int | str | Mapping[str, int | str], entries: Sequence[CachedEntry]
) -> Iterator[Check]:
    """Yield checks on the number of cache entries of one kind.

    ``wanted`` is the expected total, or maps projects and filenames to expected numbers.
    """
    if not isinstance(wanted, Mapping):
        check = counted(CheckKind.CACHED, wanted, len(entries), subject=kind)
        yield _with_names(check, [entry.name for entry in entries])
        return
    things = [
        Counted(entry.project or "", entry.name, entry.project or entry.name) for entry in entries
    ]
    for check, found in tally(wanted, things, _counted):
        whose = replace(check, subject=kind, field=check.subject)
        yield _with_names(whose, [thing.filename for thing in found])
    if not wanted and not entries:
        yield counted(CheckKind.CACHED, 0, 0, subject=kind)


def _counted(expected: int | str, count: int, whose: str) -> Check:
    return counted(CheckKind.CACHED, expected, count, subject=whose)


def _with_names(check: Check, names: Sequence[str]) -> Check:
    """Return the check with the names of the entries added to ``seen``."""
    shown = [*sorted(names)[:_MOST], *(["…"] if len(names) > _MOST else [])]
    return replace(check, seen=f"{check.seen}: {', '.join(shown)}") if names else check
