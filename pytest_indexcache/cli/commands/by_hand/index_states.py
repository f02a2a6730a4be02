"""The state of a scenario's indexes at a given step."""

from __future__ import annotations

import time

from pytest_indexcache.errors import CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import AnyStep, EdgeStep, IndexStep


def demand_step(scenario: Scenario, number: int) -> None:
    """Raise CommandError unless the scenario has a step with this number; steps count from 1."""
    if not 1 <= number <= len(scenario.steps):
        raise CommandError(
            f"there is no step {number}", f"the scenario has {len(scenario.steps)} steps"
        )


def indexes_before(scenario: Scenario, number: int) -> FakeIndexes:
    """Return the indexes with the changes from all steps before step ``number`` applied."""
    indexes = FakeIndexes(scenario.indexes, time.time())
    for step in scenario.steps[: number - 1]:
        change_index(indexes, step)
    return indexes


def change_index(indexes: FakeIndexes, step: AnyStep) -> None:
    """Apply a step to the indexes if it changes an index or its CDN edge; ignore other steps."""
    if isinstance(step, IndexStep):
        indexes.apply(step, time.time())
    elif isinstance(step, EdgeStep):
        indexes[step.index].apply_to_edge(step, time.time())
