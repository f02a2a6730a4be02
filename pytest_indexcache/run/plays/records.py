"""What the runner keeps of the steps that were played, for whoever explains what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.checks.observation import Observation
from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import AnyStep


@dataclass(frozen=True)
class PlayedStep:
    """One step as it was played.

    ``scenario`` is the scenario as it stood when the step began, after all edits before it.
    ``installer`` is the name of the installer. Of several steps at once ``each`` has those that
    were begun, with their ``name``; ``beside`` are those that were begun with one of them.
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
        """The steps of one command that it began: itself, or several at once."""
        return self.each or (self,)

    def maker(self, exchange: Exchange) -> PlayedStep:
        """Return the one of several steps that made an exchange, or the step itself."""
        return next((it for it in self.each if it.name == exchange.by), self)

    @property
    def lockfile(self) -> str | None:
        """The text of the step's lockfile after it, None without one."""
        return self.seen.lockfile_after


Explain = Callable[[Iterable[Check], Sequence[PlayedStep]], tuple[Check, ...]]
"""Gives checks of the last of the steps that were played their causes, where they do not hold."""


def without_causes(checks: Iterable[Check], played: Sequence[PlayedStep]) -> tuple[Check, ...]:  # noqa: ARG001
    """Return the checks as they are."""
    return tuple(checks)
