"""Reading scenarios that are to be played: the file is right, and so is what its steps change."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.index.dry_run import check_indexes_and_changes
from pytest_indexcache.scenario.loader import LoadedScenario, check_value, read_scenario, reads
from pytest_indexcache.scenario.model import Scenario


def load_playable(path: Path) -> LoadedScenario:
    """Read the file of a scenario, and build its indexes and make their changes without a play.

    :raises ScenarioError: with every problem of the file, in its order
    """
    return read_scenario(path, check_indexes_and_changes)


def loads_playable(text: str, file: Path | None = None) -> LoadedScenario:
    """Read the text of a scenario as :func:`load_playable` reads a file."""
    return reads(text, file, check_indexes_and_changes)


def demand_playable(scenario: Scenario) -> None:
    """Raise ScenarioError where a scenario made in Python has what :func:`load_playable` finds."""
    check_value(scenario, check_indexes_and_changes)
