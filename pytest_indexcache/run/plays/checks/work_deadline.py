"""The deadline for the harness's own work after a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pytest_indexcache.errors import PlayError
from pytest_indexcache.scenario.words import limits

T = TypeVar("T")


class WorkDeadline:
    """The time limit for checking a step and explaining its failures.

    Timing starts when the object is created. ``clock`` returns the time in seconds.
    """

    def __init__(self, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._number = number
        self._clock = clock
        self._end = clock() + limits.WORK

    def each(self, things: Iterable[T]) -> Iterator[T]:
        """Yield the items until the deadline has passed.

        :raises PlayError: if the deadline has passed
        """
        for thing in things:
            if self._clock() > self._end:
                raise PlayError(
                    f"step {self._number}: the harness took more than {limits.WORK:g} s to check "
                    "what is expected of it",
                    "expect less of the step: fewer patterns, files and projects",
                )
            yield thing
