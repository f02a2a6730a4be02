"""The steps of a scenario that concern an installer, and how the scenario stands at each."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.scenario.edits import after_step, edited
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Damage, Edit
from pytest_indexcache.scenario.tables.steps import InstallerStep, Together


def damages(scenario: Scenario) -> Iterator[Damage]:
    """Yield the steps that break what an installer has in its cache, wherever it keeps that."""
    for step in scenario.steps:
        if isinstance(step, Damage) and step.what is not None:
            yield step


def with_state(scenario: Scenario) -> Iterator[tuple[Scenario, InstallerStep | Edit]]:
    """Yield the steps that concern an installer, each with the scenario as it stands then."""
    current = scenario
    for step in scenario.steps:
        if isinstance(step, Edit):
            current = edited(current, step)
        begun = [step, *(it.step for it in step.members)] if isinstance(step, Together) else [step]
        yield from ((current, it) for it in begun if isinstance(it, InstallerStep | Edit))
        for it in begun:
            current = after_step(current, it)


def place_of(step: InstallerStep) -> tuple[str, str | None]:
    """Return the project's folder of a step, and its venv by the name that it gives it."""
    return step.folder, step.venv
