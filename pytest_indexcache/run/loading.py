"""Load scenarios that are to be played, and check them more strictly than the loader does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_indexcache.index.previews.dry_run import check_indexes_and_changes
from pytest_indexcache.index.previews.filled_files import check_placeholders
from pytest_indexcache.installers.reference.variants import variant_descriptions
from pytest_indexcache.scenario.findings.finding import Finding, unknown
from pytest_indexcache.scenario.loader import LoadedScenario, check_value, read_scenario, reads
from pytest_indexcache.scenario.model import Scenario


def load_playable(path: Path, *, is_played: bool = True) -> LoadedScenario:
    """Read a scenario file, and check it with :func:`check_play`.

    If ``is_played`` is false, a scenario without expectations is accepted, too.

    :raises ScenarioError: listing all problems in the order of the file
    """
    return read_scenario(path, check_play, is_played=is_played)


def loads_playable(text: str, file: Path | None = None) -> LoadedScenario:
    """Read a scenario from text, with the checks of :func:`load_playable`."""
    return reads(text, file, check_play)


def demand_playable(scenario: Scenario) -> None:
    """Raise ScenarioError if a scenario that was built in Python cannot be played."""
    check_value(scenario, check_play)


def check_play(scenario: Scenario) -> Iterator[Finding]:
    """Yield findings about mistakes that would break a play and that the loader does not find."""
    yield from check_indexes_and_changes(scenario)
    yield from check_placeholders(scenario)
    yield from _check_variants(scenario)


def _check_variants(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each name in ``[variants]`` that is not a known variant."""
    known = variant_descriptions()
    for name in scenario.variants.keys() - known.keys():
        yield unknown(("variants", name), "variant", name, known)
