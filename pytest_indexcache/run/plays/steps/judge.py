"""Judge a step, or several simultaneous steps, by comparing the outcome with expectations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Final

from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.checks.work_deadline import WorkDeadline
from pytest_indexcache.run.plays.records.played_steps import Explain, PlayedStep
from pytest_indexcache.run.plays.results import Check, StepResult
from pytest_indexcache.run.plays.steps.at_once import joined
from pytest_indexcache.run.plays.steps.observer import Observer, StepState
from pytest_indexcache.run.plays.steps.several import merged, name_of, own_expectation
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import AnyStep, StartedStep, Together

MOST_DIFF_LINES: Final = 200
MOST_LOCKFILE_LINES: Final = 5_000
"""The maximum number of lockfile lines to compare.

The duration of a comparison grows faster than the number of lines.
"""


@dataclass(frozen=True)
class EndedStep:
    """A step that has ended, its outcome, and the state before it."""

    member: StartedStep
    before: StepState
    outcome: Outcome


@dataclass(frozen=True)
class JudgedStep:
    """The result of a step, and the results of the simultaneous steps that it started."""

    result: StepResult
    each: Sequence[tuple[EndedStep, StepResult]]


@dataclass
class StepJudge:
    """Judges the steps of a play one after another, and remembers them to explain failures."""

    observer: Observer
    explain: Explain
    played: list[PlayedStep]

    def judge(
        self,
        number: int,
        step: AnyStep,
        ended: Sequence[EndedStep],
        scenario: Scenario,
        builds: Mapping[str, int],
        seconds: float,
    ) -> JudgedStep:
        """Judge a step that has ended, and return its result.

        ``scenario`` is the state of the scenario before the step. ``builds`` maps projects to the
        number of distributions that build backends built. ``seconds`` is the duration of the
        command.
        """
        work = WorkDeadline(number)
        names = [name_of(end.member) if isinstance(step, Together) else "" for end in ended]
        begun = [
            self._played(number, end.member.step, end, scenario, builds, work, name)
            for end, name in zip(ended, names, strict=True)
        ]
        if isinstance(step, Together):
            whole = self._whole(step, ended, begun, work)
            each = [
                self._checks(
                    own_expectation(end.member, step), replace(played, beside=tuple(begun)), work
                )
                for end, played in zip(ended, begun, strict=True)
            ]
            members = [end.member for end in ended]
            own = merged(zip(members, each, strict=True))
            rest = step.expect.model_copy(update={"exit": "any", "satisfied": False})
            checks = (*own, *self._checks(rest, whole, work))
        else:
            [whole] = begun
            each = [checks := self._checks(step.expect, whole, work)]
        self.played.append(whole)
        result = replace(
            _result(whole, checks, seconds),
            added=_united(played.seen.added for played in begun),
            removed=_united(played.seen.removed for played in begun),
        )
        results = [_result(played, its, seconds) for played, its in zip(begun, each, strict=True)]
        return JudgedStep(result, [*zip(ended, results, strict=True)])

    def _played(
        self,
        number: int,
        step: AnyStep,
        ended: EndedStep,
        scenario: Scenario,
        builds: Mapping[str, int],
        work: WorkDeadline,
        name: str = "",
    ) -> PlayedStep:
        outcome, observer = ended.outcome, self.observer
        seen = observer.observe(number, step, scenario, outcome, ended.before, builds, work, name)
        return PlayedStep(number, step, scenario, seen, outcome, observer.installer.spec.name, name)

    def _whole(
        self,
        step: Together,
        ended: Sequence[EndedStep],
        begun: Sequence[PlayedStep],
        work: WorkDeadline,
    ) -> PlayedStep:
        """Merge simultaneous steps into one.

        The merged step has a venv or lockfile only if all of the steps share it.
        """
        first, builds = begun[0], begun[0].seen.builds
        outcome = joined([(played.name, played.outcome) for played in begun])
        lead = first.step.model_copy(update={"expect": step.expect})
        one = replace(ended[0], outcome=outcome)
        whole = self._played(first.number, lead, one, first.scenario, builds, work)
        seen = whole.seen
        if len({self.observer.venv(played.step) for played in begun}) > 1:
            seen = replace(seen, before={}, after={})
        if any(played.seen.lockfile_after != seen.lockfile_after for played in begun):
            seen = replace(seen, lockfile_before=None, lockfile_after=None)
        return replace(whole, step=step, seen=seen, each=tuple(begun))

    def _checks(
        self, expected: Expectation, played: PlayedStep, work: WorkDeadline
    ) -> tuple[Check, ...]:
        checks = tuple(work.each(check_step(expected, played.seen)))
        if all(check.held for check in checks):
            return checks
        return self.explain(work.each(checks), [*self.played, played])


def _united(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {name: version for table in tables for name, version in table.items()}


def _result(played: PlayedStep, checks: tuple[Check, ...], seconds: float) -> StepResult:
    step, seen, outcome = played.step, played.seen, played.outcome
    return StepResult(
        number=played.number,
        verb=step.do,
        title=step.name,
        exit=outcome.exit,
        exit_code=outcome.exit_code,
        release=outcome.release,
        command=outcome.command,
        output=outcome.output,
        files=outcome.files,
        added=seen.added,
        removed=seen.removed,
        exchanges=tuple(seen.exchanges),
        checks=checks,
        seconds=seconds,
        waited=step.wait_seconds,
        lock_diff=lock_diff(seen.lockfile_before, seen.lockfile_after),
    )


def lock_diff(before: str | None, after: str | None) -> str:
    """Return the change to a lockfile as a unified diff, without its two header lines.

    A long diff is shortened, and ends with the number of omitted lines. ``before`` and ``after``
    are None if there is no lockfile.
    """
    if before == after:
        return ""
    old, new = ((text or "").splitlines()[:MOST_LOCKFILE_LINES] for text in (before, after))
    lines = list(unified_diff(old, new, lineterm="", n=1))[2:]
    more = len(lines) - MOST_DIFF_LINES
    rest = [f"… {more} more lines"] if more > 0 else []
    return "\n".join([*lines[:MOST_DIFF_LINES], *rest])
