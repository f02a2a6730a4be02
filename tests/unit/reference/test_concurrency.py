"""Doing several things at once, or one after the other."""

from __future__ import annotations

import threading

import pytest

from pytest_indexcache.reference.concurrency import executor


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


def test_things_are_done_at_once() -> None:
    """With several, each can wait for the others."""
    barrier = threading.Barrier(3, timeout=30)
    with executor(3) as several:
        futures = [several.submit(barrier.wait) for _ in range(3)]
    assert sorted(future.result() for future in futures) == [0, 1, 2]


@pytest.mark.parametrize("most", [1, 2])
def test_an_error_belongs_to_who_asks_for_the_result(most: int) -> None:
    """What fails disturbs nothing else."""
    with executor(most) as several:
        failing, working = several.submit(int, "x"), several.submit(int, "7")
    assert working.result() == 7
    with pytest.raises(ValueError, match="invalid literal"):
        failing.result()
