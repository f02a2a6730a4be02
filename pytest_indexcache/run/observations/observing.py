"""Play a scenario repeatedly until its expectations agree with an installer's behaviour."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.observations.expectation_text import Place, with_expectations
from pytest_indexcache.run.observations.seen_keys import corrected, seen_keys
from pytest_indexcache.run.plays.results import Check, PlayResult, StepResult, Verdict
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import AnyStep, verb_of_data

PlayOnce = Callable[[Scenario], PlayResult]

_MOST_PLAYS: Final = 60
_OBSERVED_VERBS: Final = frozenset(
    (
        *("lock", "sync", "run", "install", "uninstall", "add", "remove", "compile"),
        *("sync-requirements", "command", "together"),
    )
)


@dataclass(frozen=True)
class Observed:
    """The text of a scenario with the observed expectations.

    ``withdrawn`` contains a line for each failed expectation that was removed because its observed
    value cannot be written as an expectation.
    """

    text: str
    installer: str
    withdrawn: tuple[str, ...]


def _corrections(step: AnyStep, result: StepResult) -> tuple[dict[Place, Any], list[str]]:
    """Return changes that make a step's checks hold, and lines about removed expectations."""
    changes: dict[Place, dict[str, Any]] = {}
    withdrawn = []
    known = seen_keys(step, result)
    for check in result.checks:
        if check.held:
            continue
        key, place = str(check.kind), _place_of(result.number, check)
        seen = {} if check.member else known
        value = changes.setdefault(place, {})[key] = seen.get(key, corrected(check))
        if value is None:
            withdrawn.append(
                f"step {result.number}: {check.key} is removed: expected {check.expected}, "
                f"seen {check.seen}"
            )
    return {**changes}, withdrawn


def _place_of(number: int, check: Check) -> Place:
    """Return the position of a check's step: one number, or two for a step in ``together``."""
    found = re.fullmatch(r"together\[(\d+)\]", check.member)
    return number if found is None else (number, int(found[1]))


def observe(text: str, file: Path, play: PlayOnce) -> Observed:
    """Return a scenario's text with the observed values in the ``expect`` of each installer step.

    Expectations that hold are kept; others are replaced by the observed values. The scenario is
    played once more after each step with failed expectations.

    :raises CommandError: if the installer cannot play the scenario to its end
    :raises ScenarioError: if the text is not a scenario
    """
    withdrawn: list[str] = []
    text = _with_something_expected(text)
    for _ in range(_MOST_PLAYS):
        scenario = loads_playable(text, file).scenario
        result = play(scenario)
        if result.verdict in (Verdict.SKIPPED, Verdict.ERROR):
            raise CommandError(
                f"{result.installer} cannot play it: {result.reason}", "choose another installer"
            )
        failed = result.failed_step
        if failed is None:
            changes = _additions(scenario, result)
            observed = with_expectations(text, changes) if changes else text
            loads_playable(observed, file)
            return Observed(observed, result.installer, tuple(withdrawn))
        corrections, taken_out = _corrections(scenario.steps[failed.number - 1], failed)
        withdrawn += taken_out
        text = with_expectations(text, corrections)
    raise CommandError(
        f"after {_MOST_PLAYS} plays something still differs from one play to the next",
        "give the steps fewer expectations, and observe again",
    )


def _with_something_expected(text: str) -> str:
    """Return the text with a first guess for each installer step without ``expect``.

    Without this guess, steps at the end that have no expectations would not be played. Mistakes in
    the text are left to the loader to report.
    """
    try:
        steps = loads_toml(text).get("steps")
    except ValueError:
        return text
    if not isinstance(steps, list):
        return text
    bare = (
        number
        for number, step in enumerate(steps, 1)
        if verb_of_data(step) in _OBSERVED_VERBS and "expect" not in step
    )
    changes: dict[Place, dict[str, Any]] = {number: {"downloads": {}} for number in bare}
    return with_expectations(text, changes) if changes else text


def _additions(scenario: Scenario, result: PlayResult) -> dict[Place, dict[str, Any]]:
    """Return the observed values of each step, except for keys already in its ``expect``."""
    changes: dict[Place, dict[str, Any]] = {}
    for step, seen in zip(scenario.steps, result.steps, strict=True):
        given = {name.rstrip("_").replace("_", "-") for name in step.expect.model_fields_set}
        added = {key: value for key, value in seen_keys(step, seen).items() if key not in given}
        if added:
            changes[seen.number] = added
    return changes
