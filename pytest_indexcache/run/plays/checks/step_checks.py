"""Check all expectations of a step against the facts observed about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pytest_indexcache.run.plays.checks.caches import check_cache
from pytest_indexcache.run.plays.checks.effects import check_effects
from pytest_indexcache.run.plays.checks.lockfiles import check_lockfile
from pytest_indexcache.run.plays.checks.traffic import check_traffic
from pytest_indexcache.run.plays.checks.venvs import (
    check_changes,
    check_contents,
    check_files,
    check_origins,
)
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation

_EXITS_OF_SUCCESS: Final = ("success", "any", 0)
_CHECKERS: Final[tuple[Callable[[Expectation, Observation], Iterator[Check]], ...]] = (
    check_traffic,
    check_cache,
    check_contents,
    check_changes,
    check_files,
    check_origins,
    check_lockfile,
    check_effects,
)


def check_step(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks for all expectations of a step, starting with the exit of the command."""
    if expected.exit != "any":
        yield _exit(expected, seen)
    if expected.satisfied and seen.missing is not None and expected.exit in _EXITS_OF_SUCCESS:
        yield _satisfied(seen.missing)
    for checker in _CHECKERS:
        yield from checker(expected, seen)


def _exit(expected: Expectation, seen: Observation) -> Check:
    if isinstance(expected.exit, int):
        shown = f"{seen.exit_code} ({seen.exit})"
        return Check(CheckKind.EXIT, str(expected.exit), shown, seen.exit_code == expected.exit)
    return Check(CheckKind.EXIT, expected.exit, str(seen.exit), seen.exit == expected.exit)


def _satisfied(missing: Sequence[str]) -> Check:
    shown = "; ".join(missing) or "installed"
    return Check(CheckKind.SATISFIED, "what the step asks for", shown, held=not missing)
