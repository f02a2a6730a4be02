"""Pythons that wait for requests, because starting one takes longer than most requests."""

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
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.installers.processes import waiting_program
from pytest_indexcache.installers.processes.isolation import bare_environment
from pytest_indexcache.installers.processes.waiting_program import TOKEN_LENGTH
from pytest_indexcache.system.confinement import StartProcess

CAN_WAIT = hasattr(os, "fork")
"""Whether this system supports waiting Pythons, which need ``os.fork``."""

_SWEEP_SECONDS: Final = 10.0
_MOST_BYTES: Final = 1 << 24
"""The maximum length, in bytes, of a fork's answer."""


def _start(start: StartProcess) -> subprocess.Popen[Any]:
    return start()


@dataclass(frozen=True)
class ForkContainment:
    """How to start a waiting Python in a containment, and how its forks restrict themselves.

    ``start`` is called with a function that starts the Python. ``program`` is a file that defines
    two functions. In each fork, ``confine`` gives up all rights that the JSON value ``limits`` does
    not grant. After each fork, ``sweep`` ends the processes that the fork left behind. If
    ``program`` is None, forks have the same rights as the waiting Python.
    """

    start: Callable[[StartProcess], subprocess.Popen[Any]] = _start
    program: Path | None = None
    limits: Any = None


class WaitingPython:
    """A Python without site-packages that is started when the first request is sent.

    ``program`` is a file that defines ``work``, which is called with the arguments in a request and
    returns the answer; both are JSON values. If ``work`` ends its process, the answer is the exit
    code. The Python ends together with this process. Instances are thread-safe: they handle one
    request at a time.
    """

    def __init__(
        self, base: Path, program: Path, containment: ForkContainment | None = None
    ) -> None:
        self._containment = containment or ForkContainment()
        files = [Path(waiting_program.__file__), program]
        call = "serve(work)"
        if self._containment.program is not None:
            files.append(self._containment.program)
            call = "serve(work, confine, sweep)"
        source = "\n".join([*(file.read_text("utf-8") for file in files), call])
        self._command = [str(base), "-I", "-S", "-c", source]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._unread = b""

    @property
    def process_id(self) -> int | None:
        """The id of the Python's process, or None if it is not running."""
        return None if self._process is None else self._process.pid

    @property
    def is_working(self) -> bool:
        """Whether a request is being handled."""
        return self._lock.locked()

    def ask(self, *request: Any, limits: Any = None) -> Any:
        """Send a request and return its answer.

        :raises OSError: if the process is gone
        :raises ValueError: if the answer is not valid
        """
        with self.asking(*request, limits=limits) as answer:
            return answer()

    @contextmanager
    def asking(
        self, *request: Any, limit: float | None = None, limits: Any = None
    ) -> Iterator[Callable[[], Any]]:
        """Send a request, and yield a function that waits up to ``limit`` seconds for its answer.

        ``limits`` is passed to ``confine`` in the fork that handles the request.

        :raises OSError: if the process is gone, also when the yielded function is called
        :raises ValueError: by the yielded function, if the answer is not valid
        :raises subprocess.TimeoutExpired: by the yielded function, if there is no answer in time
        """
        is_answered = False
        # Earlier work that still runs cannot guess this token and answer in its place.
        token = token_hex(TOKEN_LENGTH // 2)

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
                    # The late answer, or a running child, would disturb the next request.
                    self.end(at_once=True)

    def _wait_until_swept(self) -> None:
        """Wait for the next fork, which starts once all processes of the previous fork have ended.

        :raises ChildProcessError: if the next fork does not start in time
        """
        token = token_hex(TOKEN_LENGTH // 2)
        self._send(json.dumps([token, None, None]))
        try:
            self._receive(token, _SWEEP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ChildProcessError(f"{self._command[0]} does not end its work") from error

    def _send(self, line: str) -> None:
        if self._process is not None and self._process.poll() is not None:
            self.end()
        if self._process is None:
            self._process = self._containment.start(self._start)
            self._unread = b""
        requests = self._process.stdin
        assert requests is not None
        requests.write(f"{line}\n".encode())
        requests.flush()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            env=bare_environment(),
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
        """Read one line; any bytes after it in the pipe are kept for the next call.

        ``deadline`` is a time of the monotonic clock; None means to wait forever.

        :raises subprocess.TimeoutExpired: at the deadline; its timeout is ``limit``, in seconds
        :raises ChildProcessError: if the process has ended, or the line is too long
        """
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
        """Close the Python's input, and wait until it has ended.

        With ``at_once``, its process group is killed first.
        """
        process, self._process = self._process, None
        if process is None:
            return
        if at_once:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


_waiting: Final[dict[tuple[Path, Path, Path | None, int], WaitingPython]] = {}
"""The waiting Pythons, keyed by executable, program files, and the process that started them."""


def waiting_python(
    base: Path, program: Path, containment: ForkContainment | None = None
) -> WaitingPython:
    """Return the waiting Python for this executable, program and containment.

    Each combination has one waiting Python in this process.
    """
    key = base, program, containment.program if containment else None, os.getpid()
    if key not in _waiting:
        python = _waiting[key] = WaitingPython(base, program, containment)
        atexit.register(python.end)
    return _waiting[key]


def waiting_processes(*, at_work: bool = False) -> frozenset[int]:
    """Return the process ids of all waiting Pythons, or with ``at_work``, only of the busy ones."""
    pythons = [python for python in list(_waiting.values()) if python.is_working or not at_work]
    found = (python.process_id for python in pythons)
    return frozenset(number for number in found if number is not None)
