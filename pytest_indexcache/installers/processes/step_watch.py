"""A watch over one step: it ends the step, and what that started, at a limit.

A thread looks now and then while processes of the step run, and ends them when a limit is reached:
whoever waits for them waits no longer. Work in this process is ended at its next checkpoint, in
whatever thread it is done: no exception comes up where nobody expects one.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.processes.process_tree import (
    RunningProcess,
    end_all,
    tree_of,
)

SECONDS: Final = 120.0
"""The time that a step may take."""


@dataclass(frozen=True, slots=True)
class ReachedLimit:
    """The limit that a step has reached: the kind of exit, and a few words for people."""

    kind: ExitKind
    words: str


class StepEnded(BaseException):
    """Raised at a checkpoint of a step that is to end; no ``except Exception`` keeps it."""


class StepWatch:
    """Watches one step, which begins now and may take so many seconds.

    ``others`` returns further processes that work for the step at the moment. A context: what still
    runs at its end, and reached a limit, is ended before it is left.
    """

    def __init__(
        self, seconds: float = SECONDS, others: Callable[[], frozenset[int]] = frozenset
    ) -> None:
        self.reached: ReachedLimit | None = None
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._others = others
        self._started: list[subprocess.Popen[Any]] = []
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def follow(self, process: subprocess.Popen[Any]) -> subprocess.Popen[Any]:
        """Watch a process, too, that was just started for the step, and return it."""
        self._started.append(process)
        self.begin()
        return process

    def begin(self) -> None:
        """Look after processes from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="step watch", daemon=True)
            self._thread.start()

    def checkpoint(self) -> None:
        """Return where the step may go on.

        :raises StepEnded: if it reached a limit
        """
        if self.reached is None and time.monotonic() >= self._end:
            self._reach(ExitKind.HANG, f"it did not end within {self._seconds:g} s")
        if self.reached is not None:
            raise StepEnded

    def _run(self) -> None:
        while not self._is_over.wait(self._until_look()):
            if time.monotonic() >= self._end:
                self._reach(ExitKind.HANG, f"it did not end within {self._seconds:g} s")
            if self.reached is not None:
                end_all(self._tree)

    def _until_look(self) -> float:
        return LOOK_SECONDS if self.reached else max(self._end - time.monotonic(), 0.0)

    def _reach(self, kind: ExitKind, words: str) -> None:
        self.reached = self.reached or ReachedLimit(kind, words)

    def _tree(self) -> list[RunningProcess]:
        running = (it.pid for it in list(self._started) if it.returncode is None)
        return tree_of(self._others() | frozenset(running))


LOOK_SECONDS: Final = 0.1
"""The time between two looks at the processes of a step."""
