"""Records of the steps that were played, which are used to explain failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import AnyStep


@dataclass(frozen=True)
class PlayedStep:
    """One step as it was played.

    ``scenario`` is the state of the scenario at the start of the step, after all earlier edits.
    ``installer`` is the installer's name. If the step started several simultaneous steps, ``each``
    contains them. For one of several simultaneous steps, ``name`` is its name, and ``beside``
    contains all of them, including the step itself.
    """

    number: int
    step: AnyStep
    scenario: Scenario
    seen: Observation
    outcome: Outcome
    installer: str = ""
    name: str = ""
    each: tuple[PlayedStep, ...] = ()
    beside: tuple[PlayedStep, ...] = ()

    @property
    def begun(self) -> tuple[PlayedStep, ...]:
        """The simultaneous steps that this step started, or just the step itself."""
        return self.each or (self,)

    def maker(self, exchange: Exchange) -> PlayedStep:
        """Return the simultaneous step that sent a request, or this step if none of them did."""
        return next((step for step in self.each if step.name == exchange.by), self)

    @property
    def lockfile(self) -> str | None:
        """The text of the lockfile after the step, or None if there is no lockfile."""
        return self.seen.lockfile_after


Explain = Callable[[Iterable[Check], Sequence[PlayedStep]], tuple[Check, ...]]
"""A function that adds causes to the failed checks on the last played step."""


def without_causes(checks: Iterable[Check], played: Sequence[PlayedStep]) -> tuple[Check, ...]:  # noqa: ARG001
    """Return the checks unchanged, without looking for causes."""
    return tuple(checks)
