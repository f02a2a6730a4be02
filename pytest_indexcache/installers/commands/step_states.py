"""The steps of a scenario that concern an installer, and how the scenario stands at each."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.scenario.edits import edited, with_added, with_removed
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Damage, Edit
from pytest_indexcache.scenario.tables.steps import Add, InstallerStep, Remove


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
        if isinstance(step, InstallerStep | Edit):
            yield current, step
        if isinstance(step, Add):
            current = with_added(current, step)
        elif isinstance(step, Remove):
            current = with_removed(current, step)


def place_of(step: InstallerStep) -> tuple[str, str | None]:
    """Return the project's folder of a step, and its venv by the name that it gives it."""
    return step.folder, step.venv
