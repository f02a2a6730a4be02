"""A watch over one step: it ends the step, and what that started, at a limit.

A thread looks now and then while processes of the step run, and ends them when a limit is reached:
whoever waits for them waits no longer. Work in this process is ended at its next checkpoint, in
whatever thread it is done: no exception comes up where nobody expects one.

The kernel's own limits do not serve: ``RLIMIT_NPROC`` counts all processes of a user and does not
hold for root, and ``RLIMIT_AS`` counts addresses, of which uv reserves far more than it uses.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pytest_indexcache.installers.processes.disk_use import disk_use
from pytest_indexcache.installers.processes.process_tree import (
    RunningProcess,
    end_all,
    tree_of,
)
from pytest_indexcache.installers.processes.step_limits import ReachedLimit, StepLimits

LOOK_SECONDS: Final = 0.2
"""The time between two looks at the processes of a step."""

_DISK_SECONDS: Final = 0.5
_DISK_PAUSE: Final = 20
"""How many times longer than a look at the disk takes it is until the next."""


_open: Final = set["StepWatch"]()
"""The watches over steps that are played in this process."""


def end_steps() -> None:
    """End every step that is played in this process, on Ctrl-C."""
    for watch in tuple(_open):
        watch.reach(ReachedLimit.of_interruption())


class StepEnded(BaseException):
    """Raised at a checkpoint of a step that is to end; no ``except Exception`` keeps it."""


class StepWatch:
    """Watches one step, which begins now.

    ``folders`` are those in which it writes, ``others`` returns processes that work for the step at
    the moment, beside those that it follows. A context: nothing is ended after it.
    """

    def __init__(
        self,
        limits: StepLimits,
        folders: Iterable[Path] = (),
        others: Callable[[], frozenset[int]] = frozenset,
    ) -> None:
        self.limits = limits
        self.folders = list(folders)
        self.reached: ReachedLimit | None = None
        now = time.monotonic()
        self._end = now + limits.seconds
        self._next_disk_look = now + _DISK_SECONDS
        self._others = others
        self._started: list[subprocess.Popen[Any]] = []
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        _open.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _open.discard(self)
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
        self._look_at_clock()
        if self.reached is not None:
            raise StepEnded

    def reach(self, limit: ReachedLimit) -> None:
        """End the step, because it reached a limit; the first one counts."""
        self.reached = self.reached or limit

    def _run(self) -> None:
        while not self._is_over.wait(min(LOOK_SECONDS, max(self._end - time.monotonic(), 0.001))):
            self._look_at_clock()
            if self.reached is None:
                self._look_at_processes()
            if self.reached is not None:
                self._end_processes()

    def _look_at_clock(self) -> None:
        if time.monotonic() >= self._end:
            self.reach(ReachedLimit.of_seconds(self.limits.seconds))

    def _look_at_processes(self) -> None:
        limits, tree = self.limits, self._tree()
        if len(tree) > limits.processes:
            self.reach(ReachedLimit.of_processes(limits.processes))
        if sum(process.memory for process in tree) > limits.memory:
            self.reach(ReachedLimit.of_memory(limits.memory))
        begun = time.monotonic()
        if begun >= self._next_disk_look:
            if disk_use(self.folders, (it.number for it in tree)) > limits.written:
                self.reach(ReachedLimit.of_written(limits.written))
            now = time.monotonic()
            self._next_disk_look = now + max(_DISK_SECONDS, (now - begun) * _DISK_PAUSE)

    def _end_processes(self) -> None:
        end_all(self._tree)
        for process in list(self._started):  # all that is known of them without /proc
            process.kill()

    def _tree(self) -> list[RunningProcess]:
        # Steps that are played at once share the limits.
        started = [it for watch in {self, *tuple(_open)} for it in tuple(watch._started)]
        running = (it.pid for it in started if it.returncode is None)
        return tree_of(self._others() | frozenset(running))
