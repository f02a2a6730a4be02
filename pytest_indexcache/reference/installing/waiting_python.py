"""Pythons that wait for requests, because starting one takes longer than most of what it is for."""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

CAN_WAIT = hasattr(os, "fork")
"""Whether there can be such a Python: each request is done by a fork of it."""


class WaitingPython:
    """A Python without site-packages that runs a program; started when the first request comes.

    The program reads requests from its standard input, a line each, and answers each with a line.
    It is ended with this process. Safe for threads: one request at a time.
    """

    def __init__(self, base: Path, program: str) -> None:
        self._command = [str(base), "-I", "-S", "-c", program]
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def ask(self, request: str, limit: float | None = None) -> str:
        """Send a request and return the answer to it.

        :raises OSError: if the process is gone
        :raises subprocess.TimeoutExpired: if no answer comes within ``limit`` seconds
        """
        with self._lock:
            try:
                return self._exchange(request, limit)
            except BaseException:
                # Its answer, or its child, would be in the way of the next request.
                self.end(at_once=True)
                raise

    def _exchange(self, line: str, limit: float | None) -> str:
        if self._process is not None and self._process.poll() is not None:
            self.end()
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        print(line, file=requests, flush=True)
        if limit is not None and not select.select([answers], [], [], limit)[0]:
            raise subprocess.TimeoutExpired(self._command[0], limit)
        answer = answers.readline()
        if not answer:
            raise ChildProcessError(f"{self._command[0]} ended")
        return answer

    def end(self, *, at_once: bool = False) -> None:
        """Let the process end; by killing it with its children, if that shall be ``at_once``."""
        process, self._process = self._process, None
        if process is None:
            return
        if at_once:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def waiting_python(base: Path, program: str) -> WaitingPython:
    """Return the one that this process has for a Python and a program."""
    return _waiting_python(base, program, os.getpid())


@cache
def _waiting_python(base: Path, program: str, _process: int) -> WaitingPython:
    python = WaitingPython(base, program)
    atexit.register(python.end)
    return python
