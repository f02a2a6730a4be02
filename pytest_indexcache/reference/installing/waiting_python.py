"""Pythons that wait for requests, because starting one takes longer than most of what it is for.

Each request is the work of a fork, of which nothing is left for the next. The fork is there before
the request, and has written to most of the memory that it needs: it pays for each page that it is
the first to write to, which takes longer than to import a small module.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json

CAN_WAIT = hasattr(os, "fork")
"""Whether there can be such a Python: each request is done by a fork of it."""

_PROGRAM: Final = """\
import json, mmap, os, sys

# What is run may read and print: it shall not meet what is said here.
answers, requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
os.dup2(2, 1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
# What a fork has come to, which it and its parent see.
WAITING, WORKING, ANSWERED = range(3)
state = mmap.mmap(-1, 1)

{program}

def answer(value):
    print(json.dumps(value), file=answers, flush=True)

while True:
    state[0] = WAITING
    child = os.fork()
    if not child:
        # Not for what comes of it: now it costs nobody's time.
        compile("import json\\nclass Module: pass", "", "exec")
        json.loads(json.dumps([{{}}]))
        worker = os.getpid()
        request = requests.readline()
        if request:
            state[0] = WORKING
            value = work(*json.loads(request))
            if os.getpid() == worker:
                answer(value)
                state[0] = ANSWERED
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if state[0] == WAITING:  # there was nothing more to do, or it was killed
        break
    if state[0] == WORKING:
        # os.waitstatus_to_exitcode came with Python 3.9.
        answer(os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))
"""


class WaitingPython:
    """A Python without site-packages; started when the first request comes.

    Its program defines ``work``, which is called with the parts of a request and returns the
    answer, both of what JSON can hold. Where the work ends its process instead, the answer is the
    exit code. It is ended with this process. Safe for threads: one request at a time.
    """

    def __init__(self, base: Path, program: str) -> None:
        self._command = [str(base), "-I", "-S", "-c", _PROGRAM.format(program=program)]
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def ask(self, *request: Any) -> Any:
        """Send a request and return the answer to it.

        :raises OSError: if the process is gone
        :raises ValueError: if the answer is none
        """
        with self.asking(*request) as answer:
            return answer()

    @contextmanager
    def asking(self, *request: Any, limit: float | None = None) -> Iterator[Callable[[], Any]]:
        """Send a request, and give what waits for the answer, for ``limit`` seconds at most.

        :raises OSError: if the process is gone; from the wait for the answer, too
        :raises ValueError: from the wait, if the answer is none
        :raises subprocess.TimeoutExpired: from the wait, if there is no answer in time
        """
        is_answered = False

        def answer() -> Any:
            nonlocal is_answered
            value = loads_json(self._receive(limit))
            is_answered = True
            return value

        with self._lock:
            try:
                self._send(json.dumps(request))
                yield answer
            finally:
                if not is_answered:
                    # Its answer, or its child, would be in the way of the next request.
                    self.end(at_once=True)

    def _send(self, line: str) -> None:
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
        requests = self._process.stdin
        assert requests is not None
        print(line, file=requests, flush=True)

    def _receive(self, limit: float | None) -> str:
        answers = self._process.stdout if self._process else None
        assert answers is not None
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
