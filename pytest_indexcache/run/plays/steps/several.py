"""Find the steps that run for a scenario step: the step itself, or its simultaneous steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import InstallerStep, StartedStep, Together

_INHERITED = ("exit", "satisfied")
"""The expectation keys that a simultaneous step inherits unless it sets them itself."""


def members_of(step: InstallerStep | Together) -> Sequence[StartedStep]:
    """Return the steps that a step starts, each with its position."""
    return step.members if isinstance(step, Together) else (StartedStep(0, 1, step),)


def name_of(member: StartedStep) -> str:
    """Return the name of a simultaneous step, such as ``together[1] (2 of 3)``."""
    times = member.step.times
    return f"{_place(member)} ({member.number} of {times})" if times > 1 else _place(member)


def _place(member: StartedStep) -> str:
    return f"together[{member.position + 1}]"


def own_expectation(member: StartedStep, whole: Together) -> Expectation:
    """Return the expectation for a simultaneous step, with its own keys and inherited keys."""
    own: Expectation = member.step.expect
    keys = (key for key in _INHERITED if key not in own.model_fields_set)
    inherited = {key: getattr(whole.expect, key) for key in keys}
    return own.model_copy(update=inherited)


def merged(found: Iterable[tuple[StartedStep, Sequence[Check]]]) -> tuple[Check, ...]:
    """Merge the checks on all copies of a step into one check for each expectation.

    A failed check shows the observed value of the first failed copy, and how many copies failed. It
    does not name the copy, because it depends on chance which copy fails.
    """
    groups: dict[str, list[Check]] = {}
    for member, checks in found:
        for check in checks:
            named = replace(check, member=_place(member))
            groups.setdefault(named.key + named.expected, []).append(named)
    return tuple(map(_merged, groups.values()))


def _merged(checks: Sequence[Check]) -> Check:
    failed = [check for check in checks if not check.held]
    if not failed or len(checks) == 1:
        return (failed or checks)[0]
    return replace(failed[0], seen=f"{failed[0].seen} ({len(failed)} of {len(checks)})")
