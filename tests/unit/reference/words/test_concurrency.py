"""Doing several things at once, or one after the other."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from pytest_indexcache.reference.words.concurrency import DELAY_SECONDS, do_each, executor


def test_one_thing_at_a_time_is_done_before_the_next_is_given() -> None:
    """With one, everything is done in the thread that gives it, and at once."""
    done: list[tuple[int, int]] = []

    def do(number: int) -> int:
        done.append((number, threading.get_ident()))
        return -number

    with executor(1) as one_by_one:
        futures = [one_by_one.submit(do, number) for number in (1, 2)]
        assert done == [(1, threading.get_ident()), (2, threading.get_ident())]
    assert [future.result() for future in futures] == [-1, -2]


def test_what_is_soon_done_is_done_by_one_thread() -> None:
    """Nobody has waited long for anything, so no second thread is started."""
    with executor(16) as several:
        threads = [several.submit(threading.get_ident).result() for _ in range(40)]
        seen = len(set(threads))
    assert seen == 1
    assert threads[0] != threading.get_ident()


def test_things_are_done_at_once() -> None:
    """With several, each can wait for the others."""
    barrier = threading.Barrier(3, timeout=30)
    with executor(3) as several:
        futures = [several.submit(barrier.wait) for _ in range(3)]
    assert sorted(future.result() for future in futures) == [0, 1, 2]


def test_who_waits_lets_several_things_be_done_at_once() -> None:
    """The first that somebody waits for makes room for the others, which it needs to end."""
    barrier = threading.Barrier(3, timeout=30)
    with executor(3) as several:
        futures = [several.submit(barrier.wait) for _ in range(6)]
        assert {future.result() for future in futures[:3]} == {0, 1, 2}


def test_what_was_not_begun_can_be_cancelled() -> None:
    """An end that cancels waits for what is under way, and for nothing else."""
    begun, go_on = threading.Event(), threading.Event()

    def first() -> str:
        begun.set()
        assert go_on.wait(30)
        return "done"

    several = executor(2)
    under_way, others = several.submit(first), [several.submit(int, "7") for _ in range(3)]
    assert begun.wait(30)
    threading.Timer(0.05, go_on.set).start()
    several.shutdown(cancel_futures=True)
    assert under_way.result() == "done"
    assert all(future.cancelled() for future in others)


def test_what_would_end_a_thread_ends_nothing() -> None:
    """SystemExit comes to whoever asks for the result, and the next thing is done."""
    with executor(2) as several:
        leaving, working = several.submit(sys.exit, 3), several.submit(int, "7")
        assert working.result() == 7
        with pytest.raises(SystemExit):
            leaving.result()


@pytest.mark.parametrize("most", [1, 2])
def test_an_error_belongs_to_who_asks_for_the_result(most: int) -> None:
    """What fails disturbs nothing else."""
    with executor(most) as several:
        failing, working = several.submit(int, "x"), several.submit(int, "7")
    assert working.result() == 7
    with pytest.raises(ValueError, match="invalid literal"):
        failing.result()


def test_each_is_done_in_turn_while_none_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order that was given, and without another thread."""
    monkeypatch.setattr("pytest_indexcache.reference.words.concurrency.SOON_SECONDS", 60)
    done: list[tuple[int, int]] = []
    do_each(lambda number: done.append((number, threading.get_ident())), range(40), 4, nothing)
    assert [number for number, _ in done] == list(range(40))
    assert {thread for _, thread in done} == {threading.get_ident()}


def test_after_one_that_took_long_several_are_done_at_once() -> None:
    """The others wait for each other here, which they could not in turn."""
    barrier = threading.Barrier(3, timeout=30)

    def task(number: int) -> None:
        if number == 0:
            time.sleep(2 * DELAY_SECONDS)
        else:
            barrier.wait()

    do_each(task, range(7), 3, nothing)


def test_the_first_error_is_raised_when_nothing_is_under_way_any_more() -> None:
    """Of several the one of the first item, however long that took."""
    ended: list[int] = []

    def task(number: int) -> None:
        time.sleep(2 * DELAY_SECONDS if number < 2 else 0)
        ended.append(number)
        if number:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        do_each(task, range(3), 2, nothing)
    assert sorted(ended) == [0, 1, 2]


def test_what_is_under_way_is_told_that_it_is_of_no_use() -> None:
    """So that whoever interrupts does not wait until it has ended by itself."""
    stopped = threading.Event()
    begun = threading.Barrier(2, timeout=30)

    def task(number: int) -> None:
        if number == 0:
            time.sleep(2 * DELAY_SECONDS)
            return
        begun.wait()
        if number == 1:
            raise KeyboardInterrupt
        assert stopped.wait(30)

    with pytest.raises(KeyboardInterrupt):
        do_each(task, range(3), 2, stopped.set)


def nothing() -> None:
    """Stop nothing."""
