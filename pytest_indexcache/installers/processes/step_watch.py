"""Watch a step, and end it with all of its processes when it reaches a limit.

A thread checks the step's processes at intervals. When they reach a limit, it kills them, so
callers that wait for them continue. A step that runs in a thread of this process ends when it next
calls a checkpoint, which then raises an exception.

The kernel's own limits are not suitable. ``RLIMIT_NPROC`` counts all processes of a user and does
not apply to root. ``RLIMIT_AS`` limits address space, of which uv reserves far more than it uses.
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
"""The time between two checks on a step's processes, in seconds."""

_DISK_SECONDS: Final = 0.5
_DISK_PAUSE: Final = 20
"""The pause after a disk check, as a multiple of the time that the check took."""


_open: Final = set["StepWatch"]()
"""The watches for all steps that are being played in this process."""


def end_steps() -> None:
    """End every step that is being played in this process; called on Ctrl-C."""
    for watch in tuple(_open):
        watch.reach(ReachedLimit.of_interruption())


class StepEnded(BaseException):
    """Raised at a checkpoint to end a step; ``except Exception`` does not catch it."""


class StepWatch:
    """Watches one step, which begins when the watch is created.

    ``folders`` are the folders to which the step writes. ``others`` returns further processes that
    work for the step but are not descendants of its commands. The watch is a context manager; after
    the context exits, no more processes are ended.
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
        """Watch a process that was just started for the step, and return it."""
        self._started.append(process)
        self.begin()
        return process

    def begin(self) -> None:
        """Start checking the step's processes."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="step watch", daemon=True)
            self._thread.start()

    def checkpoint(self) -> None:
        """Raise StepEnded if the step has reached a limit."""
        self._look_at_clock()
        if self.reached is not None:
            raise StepEnded

    def reach(self, limit: ReachedLimit) -> None:
        """End the step because it reached a limit; any limit that it reaches later is ignored."""
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
            if disk_use(self.folders, (process.number for process in tree)) > limits.written:
                self.reach(ReachedLimit.of_written(limits.written))
            now = time.monotonic()
            self._next_disk_look = now + max(_DISK_SECONDS, (now - begun) * _DISK_PAUSE)

    def _end_processes(self) -> None:
        end_all(self._tree)
        for process in list(self._started):  # without /proc, only these are known
            process.kill()

    def _tree(self) -> list[RunningProcess]:
        # Steps that are played at once share the limits.
        started = [process for watch in {self, *tuple(_open)} for process in tuple(watch._started)]
        running = (process.pid for process in started if process.returncode is None)
        return tree_of(self._others() | frozenset(running))
