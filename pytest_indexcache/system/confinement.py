"""Start the processes of the reference installer within limits that its caller may set.

No other module of the reference installer starts processes.
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
    """Starts a process within limits.

    ``start`` is called with the function that starts the process. If a process prints more than
    ``most_output`` bytes, it is killed and ``flood`` is called.
    """

    start: Callable[[StartProcess], subprocess.Popen[Any]] = _start
    most_output: int = 1 << 30
    flood: Callable[[], None] = go_on

    def run(self, start: StartProcess, limit: float | None = None) -> tuple[int, bytes]:
        """Start a process, wait for its end, and return its exit code and output.

        The process is killed if an exception is raised while it runs.

        :raises subprocess.TimeoutExpired: if the process does not end within ``limit`` seconds
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
        """Return a process's output, and kill the process if it prints too much."""
        written = bytearray()
        while process.stdout and (chunk := os.read(process.stdout.fileno(), 1 << 16)):
            if len(written) + len(chunk) > self.most_output:
                self.flood()
                process.kill()
            else:
                written += chunk
        return bytes(written)


class Confine(Protocol):
    """A function that returns the confinement for a program.

    ``made`` contains the folders that the installer created, which the program may write to.
    ``named`` contains the folders that the user named; a confinement may deny write access to them.
    """

    def __call__(
        self, program: Path, named: Sequence[Path] = (), made: Sequence[Path] = ()
    ) -> Confinement:
        """Return the confinement for a program."""


def unconfined(
    program: Path,  # noqa: ARG001
    named: Sequence[Path] = (),  # noqa: ARG001
    made: Sequence[Path] = (),  # noqa: ARG001
) -> Confinement:
    """Return a confinement that does not limit access to files and the network."""
    return Confinement()
