"""Limits for the processes that the reference installer starts, if its caller sets any.

The reference installer starts processes only through the functions in this module.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any, Protocol

from pytest_indexcache.system.checkpoints import go_on

StartProcess = Callable[[], "subprocess.Popen[Any]"]


def _start(start: StartProcess) -> subprocess.Popen[Any]:
    return start()


@dataclass(frozen=True)
class Confinement:
    """A way to start a process with limited rights.

    ``start`` is called with a function that starts a process. If the process writes more than
    ``most_output`` bytes to its pipe, it is killed and ``flood`` is called.
    """

    start: Callable[[StartProcess], subprocess.Popen[Any]] = _start
    most_output: int = 1 << 30
    flood: Callable[[], None] = go_on

    def run(self, start: StartProcess, limit: float | None = None) -> tuple[int, bytes]:
        """Start a process, wait for it to end, and return its exit code and output.

        If an exception is raised meanwhile, the process is killed.

        :raises subprocess.TimeoutExpired: if it does not end within ``limit`` seconds
        """
        is_late = Event()
        with self.start(start) as process:

            def end() -> None:
                is_late.set()
                process.kill()

            timer = Timer(limit or 0.0, end)
            try:
                if limit is not None:
                    timer.start()
                written = self._read(process)
                process.wait()
            except BaseException:
                process.kill()
                raise
            finally:
                timer.cancel()
        if is_late.is_set():
            raise subprocess.TimeoutExpired(process.args, limit or 0.0)
        return process.returncode, written

    def _read(self, process: subprocess.Popen[Any]) -> bytes:
        """Return the output of a process, and kill the process if it writes too much."""
        written = bytearray()
        while process.stdout and (chunk := os.read(process.stdout.fileno(), 1 << 16)):
            if len(written) + len(chunk) > self.most_output:
                self.flood()
                process.kill()
            else:
                written += chunk
        return bytes(written)


class Confine(Protocol):
    """A function that returns the confinement of a program.

    The program may write in the ``made`` folders, which the installer made for it. Whether it may
    write in the ``named`` folders, which the user named, depends on the confinement.
    """

    def __call__(
        self, program: Path, named: Sequence[Path] = (), made: Sequence[Path] = ()
    ) -> Confinement:
        """Return the confinement of a program."""


def unconfined(
    program: Path,  # noqa: ARG001
    named: Sequence[Path] = (),  # noqa: ARG001
    made: Sequence[Path] = (),  # noqa: ARG001
) -> Confinement:
    """Return a confinement without limits: the program has the rights of this process."""
    return Confinement()
