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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.system.confinement import Confinement

CAN_WAIT = hasattr(os, "fork")
"""Whether there can be such a Python: each request is done by a fork of it."""

UNCONFINED: Final = "this Python cannot be confined"
"""The answer of a Python whose forks cannot confine themselves, and did no work."""

_TOKEN_BYTES: Final = 8
_SWEEP_SECONDS: Final = 10.0
_MOST_BYTES: Final = 1 << 24
"""The length of a line that a fork may answer with."""

_PROGRAM: Final = """\
import json, mmap, os, sys

# What is run may read and print: it shall not meet what is said here.
answers, requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
os.dup2(2, 1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
# What a fork has come to, which it and its parent see, and the token of its request.
WAITING, WORKING, ANSWERED = range(3)
state = mmap.mmap(-1, 1 + {token_length})

{confinement}

{program}

def answer(token, value):
    print(json.dumps([token, value]), file=answers, flush=True)

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
            requests.close()
            token, limits, parts = json.loads(request)
            state[1:] = token.encode()
            state[0] = WORKING
            if parts is None:  # only asks whether what went before is over
                value = None
            else:
                value = work(*parts) if confine(limits) else {unconfined!r}
            if os.getpid() == worker:
                answer(token, value)
                state[0] = ANSWERED
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    sweep()
    if state[0] == WAITING:  # there was nothing more to do, or it was killed
        break
    if state[0] == WORKING:
        # os.waitstatus_to_exitcode came with Python 3.9.
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        answer(state[1:].decode("ascii", "replace"), code)
"""


class WaitingPython:
    """A Python without site-packages; started when the first request comes.

    Its program defines ``work``, which is called with the parts of a request and returns the
    answer, both of what JSON can hold. Where the work ends its process instead, the answer is the
    exit code. It is ended with this process. Safe for threads: one request at a time.
    """

    def __init__(self, base: Path, program: str, confinement: Confinement | None = None) -> None:
        self._confinement = confinement or Confinement()
        source = _PROGRAM.format(
            program=program,
            confinement=self._confinement.fork_code,
            token_length=2 * _TOKEN_BYTES,
            unconfined=UNCONFINED,
        )
        self._command = [str(base), "-I", "-S", "-c", source]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._unread = b""

    @property
    def process_id(self) -> int | None:
        """The process, None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def is_working(self) -> bool:
        """Whether somebody waits for an answer of it."""
        return self._lock.locked()

    def ask(self, *request: Any, limits: Any = None) -> Any:
        """Send a request and return the answer to it.

        :raises OSError: if the process is gone
        :raises ValueError: if the answer is none
        """
        with self.asking(*request, limits=limits) as answer:
            return answer()

    @contextmanager
    def asking(
        self, *request: Any, limit: float | None = None, limits: Any = None
    ) -> Iterator[Callable[[], Any]]:
        """Send a request, and give what waits for the answer, for ``limit`` seconds at most.

        ``limits`` are those of the confinement, for the fork that does the work.

        :raises OSError: if the process is gone; from the wait for the answer, too
        :raises ValueError: from the wait, if the answer is none
        :raises subprocess.TimeoutExpired: from the wait, if there is no answer in time
        """
        is_answered = False
        # Work that was left behind cannot answer for what is asked later.
        token = token_hex(_TOKEN_BYTES)

        def answer() -> Any:
            nonlocal is_answered
            value = self._receive(token, limit)
            if limits is not None:
                self._wait_until_swept()
            is_answered = True
            return value

        with self._lock:
            try:
                self._send(json.dumps([token, limits, request]))
                yield answer
            finally:
                if not is_answered:
                    # Its answer, or its child, would be in the way of the next request.
                    self.end(at_once=True)

    def _wait_until_swept(self) -> None:
        """Wait for the next fork: it is there when all that the last one left behind is ended.

        :raises ChildProcessError: if it does not come in time
        """
        token = token_hex(_TOKEN_BYTES)
        self._send(json.dumps([token, None, None]))
        try:
            self._receive(token, _SWEEP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ChildProcessError(f"{self._command[0]} does not end its work") from error

    def _send(self, line: str) -> None:
        if self._process is not None and self._process.poll() is not None:
            self.end()
        if self._process is None:
            self._process = self._confinement.start_waiting(self._start)
            self._unread = b""
        requests = self._process.stdin
        assert requests is not None
        requests.write(f"{line}\n".encode())
        requests.flush()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _receive(self, token: str, limit: float | None) -> Any:
        deadline = None if limit is None else time.monotonic() + limit
        while True:
            said = loads_json(self._line(deadline, limit))
            if isinstance(said, list) and len(said) == 2 and said[0] == token:
                return said[1]

    def _line(self, deadline: float | None, limit: float | None) -> str:
        """Read a line; what a pipe holds beyond it stays for the next call."""
        answers = self._process.stdout if self._process else None
        assert answers is not None
        while b"\n" not in self._unread:
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            if not select.select([answers], [], [], left)[0]:
                raise subprocess.TimeoutExpired(self._command[0], limit or 0.0)
            read = os.read(answers.fileno(), 1 << 16)
            if not read:
                raise ChildProcessError(f"{self._command[0]} ended")
            self._unread += read
            if len(self._unread) > _MOST_BYTES:
                raise ChildProcessError(f"{self._command[0]} writes without end")
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace")

    def end(self, *, at_once: bool = False) -> None:
        """Let the process end; by killing it with its children, if that shall be ``at_once``."""
        process, self._process = self._process, None
        if process is None:
            return
        if at_once:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


_waiting: Final[dict[tuple[Path, str, str, int], WaitingPython]] = {}
"""The Pythons that wait, by executable, program, confinement and the process that started them."""


def waiting_python(
    base: Path, program: str, confinement: Confinement | None = None
) -> WaitingPython:
    """Return the one that this process has for a Python, a program and a kind of walls."""
    code = confinement.fork_code if confinement else ""
    key = base, program, code, os.getpid()
    if key not in _waiting:
        python = _waiting[key] = WaitingPython(base, program, confinement)
        atexit.register(python.end)
    return _waiting[key]


def waiting_processes(*, at_work: bool = False) -> frozenset[int]:
    """Return the processes of this process's Pythons that wait; only those ``at_work`` now."""
    pythons = [it for it in list(_waiting.values()) if it.is_working or not at_work]
    found = (python.process_id for python in pythons)
    return frozenset(number for number in found if number is not None)
