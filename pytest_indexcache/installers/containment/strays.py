"""Find and end the processes that a play leaves behind.

A process that leaves its session and loses its parent becomes a child of the nearest ancestor that
is a "subreaper" (``prctl(2)``); during a play, this is the harness's own process. A contained
process is recognised by ``no_new_privs`` in ``/proc``, which a process cannot unset.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.system_calls import adopt_orphans, adopts_orphans

END_SECONDS: Final = 10.0
"""How many seconds to wait until killed processes are gone."""

_TASKS: Final = Path("/proc/self/task")

EndStrays = Callable[[], None]
"""A function that ends all contained processes left behind so far."""


@contextmanager
def ending_strays(spared: Callable[[], frozenset[int]]) -> Iterator[EndStrays]:
    """Yield a function that ends orphaned contained processes; it is called again on exit.

    ``spared`` returns the ids of processes that must not be ended. Children that already existed
    when the context was entered are not ended either. Until the context exits, no other thread must
    start contained processes.

    :raises ContainmentError: if processes do not end in time
    """
    before, adopted_before = child_processes(), adopts_orphans()

    def end() -> None:
        _end(lambda: child_processes() - before - spared())

    adopt_orphans(wanted=True)
    try:
        yield end
    finally:
        try:
            end()
        finally:
            adopt_orphans(wanted=adopted_before)


def child_processes() -> frozenset[int]:
    """Return the ids of this process's children, including zombie processes."""
    try:
        return frozenset(_listed_children())
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return frozenset(_searched_children())


def _listed_children() -> Iterator[int]:
    for task in _TASKS.iterdir():
        try:
            text = (task / "children").read_text()
        except ProcessLookupError:  # the thread ended meanwhile
            continue
        except FileNotFoundError:
            if task.exists():
                raise
            continue
        yield from map(int, text.split())


def _searched_children() -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):  # the process ended meanwhile
            status = (folder / "status").read_text()
            if f"\nPPid:\t{os.getpid()}\n" in status:
                yield int(folder.name)


def is_contained(process: int) -> bool:
    """Return whether the kernel contains a process."""
    try:
        status = Path("/proc", str(process), "status").read_text()
    except OSError:
        return False
    return bool(re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE))


def _end(candidates: Callable[[], frozenset[int]]) -> None:
    """Kill the contained processes among the candidates until none are left.

    ``candidates`` returns process ids. It is called again after each round, because orphans become
    children of this process.
    """
    deadline = time.monotonic() + END_SECONDS
    while strays := [process for process in candidates() if is_contained(process)]:
        for process in strays:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, os.WNOHANG)
        if time.monotonic() > deadline:
            raise ContainmentError(
                "end processes that the installer left running",
                f"{len(strays)} processes do not end",
            )
        time.sleep(0.001)
