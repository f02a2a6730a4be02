"""The runner's records of played steps, which are used to explain failures."""

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

    ``scenario`` is the scenario when the step began, after all earlier edits. ``installer`` is the
    name of the installer. If the step starts several simultaneous steps, they are in ``each``. For
    one of several simultaneous steps, ``name`` is its name, and ``beside`` contains all of them.
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
        """The steps that this step started: several simultaneous steps, or just this step."""
        return self.each or (self,)

    def maker(self, exchange: Exchange) -> PlayedStep:
        """Return the simultaneous step that sent a request, or else the step itself."""
        return next((it for it in self.each if it.name == exchange.by), self)

    @property
    def lockfile(self) -> str | None:
        """The text of the lockfile after the step; None without a lockfile."""
        return self.seen.lockfile_after


Explain = Callable[[Iterable[Check], Sequence[PlayedStep]], tuple[Check, ...]]
"""A function that adds causes to the failed checks of the last played step."""


def without_causes(checks: Iterable[Check], played: Sequence[PlayedStep]) -> tuple[Check, ...]:  # noqa: ARG001
    """Return the checks unchanged, without looking for causes."""
    return tuple(checks)
