"""Processes that a play leaves behind: they are found and ended, wherever they hide.

A process that leaves its session and loses its parent becomes a child of the next process above
that is a "subreaper" (``prctl(2)``): while a play goes on that is this process. What is contained
shows in ``/proc``, and no process can take it off: ``no_new_privs`` and a seccomp filter.
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
"""How long killed processes are given to be gone."""

_TASKS: Final = Path("/proc/self/task")

EndStrays = Callable[[], None]
"""Ends the contained processes that were left behind since the block began."""


@contextmanager
def ending_strays(spared: Callable[[], frozenset[int]]) -> Iterator[EndStrays]:
    """Give what ends contained processes that lost their parent; the end of the block does, too.

    ``spared`` returns processes that are to stay. Children that are there now stay as well. No
    other thread may start contained processes meanwhile.

    :raises ContainmentError: if processes are still there when they should be gone
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
    """Return the children of this process, those that ended and were not waited for included."""
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
    """Return whether walls of the kernel stand around a process."""
    try:
        status = Path("/proc", str(process), "status").read_text()
    except OSError:
        return False
    return bool(re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE))


def _end(candidates: Callable[[], frozenset[int]]) -> None:
    """Kill and wait until there are none: what a stray started becomes a child in its place."""
    deadline = time.monotonic() + END_SECONDS
    while strays := [process for process in candidates() if is_contained(process)]:
        for process in strays:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, os.WNOHANG)
        if time.monotonic() > deadline:
            raise ContainmentError(
                "end what the installer left running", f"{len(strays)} processes do not end"
            )
        time.sleep(0.001)
