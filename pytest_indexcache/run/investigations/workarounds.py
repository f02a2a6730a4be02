"""Change a scenario to try workarounds for a misbehaviour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_indexcache.run.investigations.results import OVERRIDE
from pytest_indexcache.run.plays.results import StepResult
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.project import CacheControl
from pytest_indexcache.scenario.tables.steps import AnyStep, NetworkStep

_OPTIONS: Final = {
    "refresh": "refresh of what is stored",
    "reinstall": "reinstallation",
    "no_cache": "no cache",
}

_WORD_FOR_WORD: Final = "the scenario has a verbatim project file"


class Workaround(NamedTuple):
    """A change that may help, and the scenario with this change.

    The scenario is None if the change cannot be made; ``reason`` then explains why.
    """

    name: str
    scenario: Scenario | None
    reason: str = ""
    is_override: bool = False


def workarounds(scenario: Scenario, failed: StepResult, installer: str) -> Iterator[Workaround]:
    """Yield the workarounds to try against the misbehaviour of a step.

    The first workaround overrides Cache-Control for the indexes of the affected projects. The
    others change the misbehaving step: they refresh or reinstall these projects, or disable the
    cache.
    """
    projects = _projects(scenario, failed)
    yield _override(scenario, failed, projects, installer)
    step = scenario.steps[failed.number - 1]
    for field, words in _OPTIONS.items():
        is_for_all = field == "no_cache"
        name = words if is_for_all else f"{words} ({', '.join(projects) or 'all projects'})"
        if not isinstance(step, NetworkStep):
            yield Workaround(name, None, "the step is a command line of its own, or has no options")
        elif getattr(step, field):
            yield Workaround(name, None, "the step already has it")
        else:
            value = True if is_for_all or not projects else projects
            changed = step.model_copy(update={field: value})
            yield Workaround(name, _with_step(scenario, failed.number, changed))


def _projects(scenario: Scenario, failed: StepResult) -> tuple[str, ...]:
    """Return the projects in the failed checks."""
    known = set(scenario.project_names)
    subjects = (check.subject for check in failed.checks if not check.held)
    return tuple(dict.fromkeys(project for project in subjects if project in known))


def _override(
    scenario: Scenario, failed: StepResult, projects: tuple[str, ...], installer: str
) -> Workaround:
    seen = (exchange.subject for exchange in failed.exchanges)
    asked = (
        subject.index
        for subject in seen
        if subject.index and (subject.project in projects or not projects)
    )
    names = tuple(dict.fromkeys(asked)) or tuple(scenario.indexes)
    name = f"override of cache-control (index {', '.join(names)})"
    if installer in scenario.project_files:
        return Workaround(name, None, _WORD_FOR_WORD, is_override=True)
    overrides = scenario.cache_control | dict.fromkeys(names, CacheControl(**OVERRIDE))
    changed = scenario.model_copy(update={"cache_control": overrides})
    return Workaround(name, changed, is_override=True)


def _with_step(scenario: Scenario, number: int, step: AnyStep) -> Scenario:
    steps = list(scenario.steps)
    steps[number - 1] = step
    return scenario.model_copy(update={"steps": tuple(steps)})
