"""Run the commands of several steps simultaneously, each in its own thread."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Barrier
from typing import Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Act, Outcome
from pytest_indexcache.installers.processes.step_watch import end_steps

_WORST_LAST: Final = (
    ExitKind.SUCCESS,
    ExitKind.FAILURE,
    ExitKind.USAGE,
    ExitKind.KILLED,
    ExitKind.CRASH,
    ExitKind.HANG,
    ExitKind.LIMIT,
)


def played_at_once(acts: Sequence[Act]) -> list[Outcome]:
    """Play several steps simultaneously, and return their outcomes in the order of the steps.

    An error in one step is raised only after all steps have ended. Ctrl-C terminates all steps.
    """
    if len(acts) == 1:
        return [acts[0]()]
    begin = Barrier(len(acts))

    def played(act: Act) -> Outcome:
        begin.wait()
        return act()

    with ThreadPoolExecutor(len(acts), thread_name_prefix="at once") as pool:
        try:
            futures = [pool.submit(played, act) for act in acts]
            wait(futures)
        except BaseException:
            begin.abort()
            end_steps()
            raise
    return _ended_by_a_limit([future.result() for future in futures])


def _ended_by_a_limit(outcomes: list[Outcome]) -> list[Outcome]:
    """Give the exit ``limit`` to all steps that were killed when a shared limit was exceeded.

    The processes of all steps count towards the limit, and are killed together.
    """
    limit = next((outcome for outcome in outcomes if outcome.exit is ExitKind.LIMIT), None)
    if limit is None:
        return outcomes
    return [
        replace(outcome, exit=limit.exit, exit_code=limit.exit_code, exit_note=limit.exit_note)
        if outcome.exit is ExitKind.KILLED
        else outcome
        for outcome in outcomes
    ]


def joined(outcomes: Sequence[tuple[str, Outcome]]) -> Outcome:
    """Merge the outcomes of simultaneous steps into one outcome with the worst exit.

    In the merged output, each step's output follows its name, and the step with the worst exit
    comes last. The merged command line is a shell script that starts all commands in the
    background.
    """
    worst = max((outcome for _, outcome in outcomes), key=_badness)
    spoken = sorted(outcomes, key=lambda named: _badness(named[1]))
    commands = [_in_background(outcome.command) for _, outcome in outcomes if outcome.command]
    return replace(
        worst,
        command="\n".join((*commands, "wait")),
        output="\n".join(f"$ # {name}\n{outcome.output}" for name, outcome in spoken),
        files={path: text for _, outcome in outcomes for path, text in outcome.files.items()},
        journal=tuple(line for _, outcome in outcomes for line in outcome.journal),
    )


def _badness(outcome: Outcome) -> int:
    return _WORST_LAST.index(outcome.exit)


def _in_background(command: str) -> str:
    lines = command.splitlines()
    return f"{command} &" if len(lines) == 1 else f"({' && '.join(lines)}) &"
