"""Iterate over an installer's steps, with the state of the scenario at each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import after_step, edited
from pytest_indexcache.scenario.tables.changes import Damage, Edit
from pytest_indexcache.scenario.tables.steps import InstallerStep, Together


def unknown_entries(scenario: Scenario, keeps: Collection[str]) -> str | None:
    """Describe cache entries that a scenario mentions but the harness cannot find.

    ``keeps`` are the kinds of entries that it can find. The result is None if the scenario mentions
    no other kinds.
    """
    for _, step in scenario.every_step:
        if isinstance(step, Damage) and step.what not in (None, *keeps):
            return f"{step.what} entries"
        cached = step.expect.cached
        for what in cached if isinstance(cached, Mapping) else ():
            if what not in keeps:
                return f"{what} entries"
        if cached is not None and not keeps:
            return "any entries"
    return None


def with_state(scenario: Scenario) -> Iterator[tuple[Scenario, InstallerStep | Edit]]:
    """Yield each installer step and edit, with the scenario in its state at that step."""
    current = scenario
    for step in scenario.steps:
        if isinstance(step, Edit):
            current = edited(current, step)
        begun = (
            [step, *(member.step for member in step.members)]
            if isinstance(step, Together)
            else [step]
        )
        yield from (
            (current, begun_step)
            for begun_step in begun
            if isinstance(begun_step, InstallerStep | Edit)
        )
        for begun_step in begun:
            current = after_step(current, begun_step)


def place_of(step: InstallerStep) -> tuple[str, str | None]:
    """Return a step's project folder, and the venv if the step names one."""
    return step.folder, step.venv
