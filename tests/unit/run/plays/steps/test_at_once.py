"""Concurrent commands and their merged outcome."""

from __future__ import annotations

import time
from threading import Barrier, get_ident

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.installers.processes.step_limits import DEFAULT_LIMITS
from pytest_indexcache.installers.processes.step_watch import StepEnded, StepWatch
from pytest_indexcache.run.plays.steps import at_once
from pytest_indexcache.run.plays.steps.at_once import joined, played_at_once


def outcome(kind: ExitKind = ExitKind.SUCCESS, code: int = 0, command: str = "a") -> Outcome:
    """Return the outcome of a command."""
    return Outcome(kind, code, command, f"{command} says {kind}", exit_note=str(kind))


def test_all_of_them_are_under_way_at_once() -> None:
    """All commands run concurrently: each one waits until the others have started."""
    begun = Barrier(5)

    def act() -> Outcome:
        begun.wait(30)
        return outcome()

    assert played_at_once([act] * 5) == [outcome()] * 5


def test_one_alone_is_played_in_the_same_thread() -> None:
    """A single command is run without a new thread."""
    threads: list[int] = []

    def act() -> Outcome:
        threads.append(get_ident())
        return outcome()

    assert played_at_once([act]) == [outcome()]
    assert threads == [get_ident()]


def test_an_error_comes_when_all_have_ended() -> None:
    """The error of one command is raised after all other commands have ended."""
    ended: list[str] = []
    first = Barrier(2)

    def breaks() -> Outcome:
        first.wait(30)
        raise RuntimeError("broken")

    def goes_on() -> Outcome:
        first.wait(30)
        ended.append("here")
        return outcome()

    with pytest.raises(RuntimeError, match="broken"):
        played_at_once([breaks, goes_on])
    assert ended == ["here"]


def test_an_interruption_ends_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the waiting thread ends all commands at their next checkpoint."""
    ended: list[str] = []
    watched = Barrier(3)

    def act() -> Outcome:
        with StepWatch(DEFAULT_LIMITS) as watch:
            watched.wait(30)
            try:
                while True:
                    watch.checkpoint()
                    time.sleep(0.001)
            except StepEnded:
                ended.append(watch.reached.words if watch.reached else "")
        return outcome()

    def interrupted(_: object) -> None:
        watched.wait(30)
        raise KeyboardInterrupt

    monkeypatch.setattr(at_once, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        played_at_once([act] * 2)
    assert ended == ["it was interrupted"] * 2


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((ExitKind.LIMIT, ExitKind.KILLED), (ExitKind.LIMIT, ExitKind.LIMIT)),
        ((ExitKind.SUCCESS, ExitKind.KILLED), (ExitKind.SUCCESS, ExitKind.KILLED)),
        ((ExitKind.LIMIT, ExitKind.FAILURE), (ExitKind.LIMIT, ExitKind.FAILURE)),
    ],
)
def test_a_limit_ends_all_of_them(
    kinds: tuple[ExitKind, ...], expected: tuple[ExitKind, ...]
) -> None:
    """Commands that are killed because one of them reached a limit have the exit ``limit``."""
    acts = [lambda kind=kind: outcome(kind, 1) for kind in kinds]
    assert tuple(it.exit for it in played_at_once(acts)) == expected


def test_the_worst_end_is_that_of_the_whole() -> None:
    """The merged outcome has the worst exit, and that command's output at its end."""
    whole = joined(
        [
            ("together[1]", outcome(ExitKind.CRASH, 101, "uv lock\nuv sync")),
            ("together[2] (1 of 2)", outcome(ExitKind.FAILURE, 1, "pip install six")),
            ("together[2] (2 of 2)", outcome(command="pip install six")),
        ]
    )
    assert (whole.exit, whole.exit_code, whole.exit_note) == (ExitKind.CRASH, 101, "crash")
    assert whole.command.splitlines() == [
        "(uv lock && uv sync) &",
        "pip install six &",
        "pip install six &",
        "wait",
    ]
    assert [line for line in whole.output.splitlines() if line.startswith("$ #")] == [
        "$ # together[2] (2 of 2)",
        "$ # together[2] (1 of 2)",
        "$ # together[1]",
    ]
