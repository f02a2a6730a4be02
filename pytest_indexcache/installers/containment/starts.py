"""Start processes that are contained by the kernel.

Landlock, seccomp and ``no_new_privs`` apply to a thread and are inherited by its children. A new
thread therefore gives up its rights, starts the process and ends; all other threads keep their
rights. This way, no code has to run between fork and exec, and no launcher is needed: a launcher in
Python that imports ctypes would take longer than the 10 ms that containment may add to a play.
"""

from __future__ import annotations

import gc
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.call_filter import call_filter
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.landlock import enforce_ruleset, open_ruleset
from pytest_indexcache.installers.containment.system_calls import give_up_privileges, set_filter

Started = TypeVar("Started")

_one_at_a_time = threading.Lock()


def start_contained(containment: Containment, start: Callable[[], Started]) -> Started:
    """Call ``start`` in a thread that is contained, and return its result or raise its exception.

    ``start`` must do no more than start a process, because the thread only has the rights of that
    process.

    :raises ContainmentError: if this kernel cannot contain a process
    """
    support = kernel_support()
    if not support.can_contain:
        raise ContainmentError("contain a process", support.missing)
    program = call_filter(platform.machine())
    with open_ruleset(containment, support.landlock_abi) as ruleset, _without_collections():
        thread = _ContainedThread(start, ruleset, program)
        thread.start()
        thread.join()
    return thread.result()


class _ContainedThread(threading.Thread, Generic[Started]):
    """A thread that gives up its rights before it calls a function."""

    def __init__(self, start: Callable[[], Started], ruleset: int, program: bytes) -> None:
        super().__init__(name="contained start", daemon=True)
        self._start_process = start
        self._ruleset = ruleset
        self._program = program
        self._results: list[Started] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            give_up_privileges()
            enforce_ruleset(self._ruleset)
            set_filter(self._program)
            self._results.append(self._start_process())
        except BaseException as error:  # noqa: BLE001 - raised by result(), in the caller's thread
            self._error = error

    def result(self) -> Started:
        """Wait for the function, and return its result or raise its exception."""
        if self._error is not None:
            raise self._error
        return self._results[0]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Disable garbage collection in the block.

    Finalizers that run in the contained thread would not be allowed to remove files.
    """
    with _one_at_a_time:
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if was_enabled:
                gc.enable()
