"""Reading scenarios that are to be played: the file is right, and so is what its steps change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_indexcache.index.previews.dry_run import check_indexes_and_changes
from pytest_indexcache.index.previews.filled_files import check_placeholders
from pytest_indexcache.installers.reference.variants import variant_descriptions
from pytest_indexcache.scenario.checks.findings import Finding, unknown
from pytest_indexcache.scenario.loader import LoadedScenario, check_value, read_scenario, reads
from pytest_indexcache.scenario.model import Scenario


def load_playable(path: Path) -> LoadedScenario:
    """Read the file of a scenario, and build its indexes and make their changes without a play.

    :raises ScenarioError: with every problem of the file, in its order
    """
    return read_scenario(path, check_play)


def loads_playable(text: str, file: Path | None = None) -> LoadedScenario:
    """Read the text of a scenario as :func:`load_playable` reads a file."""
    return reads(text, file, check_play)


def demand_playable(scenario: Scenario) -> None:
    """Raise ScenarioError where a scenario made in Python has what :func:`load_playable` finds."""
    check_value(scenario, check_play)


def check_play(scenario: Scenario) -> Iterator[Finding]:
    """Yield what a play would break on, beyond what the loader finds."""
    yield from check_indexes_and_changes(scenario)
    yield from check_placeholders(scenario)
    yield from _check_variants(scenario)


def _check_variants(scenario: Scenario) -> Iterator[Finding]:
    """Yield the names in ``[variants]`` that no variant of the reference installer has."""
    known = variant_descriptions()
    for name in scenario.variants.keys() - known.keys():
        yield unknown(("variants", name), "variant", name, known)
