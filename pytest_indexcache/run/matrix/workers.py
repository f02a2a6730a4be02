"""Worker processes that play scenarios, each with its own session and folder.

A worker terminates itself and its installer when its pipe is closed. This happens on Ctrl-C, and
also when the parent process is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.session import PlaySession

END_SECONDS: Final = 5.0
"""The seconds to wait for workers to terminate their installers before killing the workers."""

_READY: Final = "ready"

_CAN_DEFER: Final = hasattr(signal, "pthread_sigmask")
"""Whether the platform can block signals; Windows cannot."""


@dataclass(frozen=True)
class Workplace:
    """The session and the folder of a worker; the folder is removed when the worker ends."""

    session: PlaySession
    folder: Path


Task = Callable[[Workplace], Any]
"""A picklable function for a worker to call."""


@dataclass(frozen=True)
class Done:
    """A task that has ended with a value, or whose worker was lost; ``lost`` is the reason."""

    worker: int
    task: Task
    value: Any = None
    lost: str | None = None


class WorkerPool:
    """Worker processes, numbered from 0; each process is started for its first task.

    ``contained`` is the mode of containment for the installers that the workers run.

    The pool is a context manager. On exit, it terminates all workers and the processes that they
    started.
    """

    def __init__(self, size: int, contained: ContainmentMode = ContainmentMode.AUTO) -> None:
        self._contained = contained
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker | None] = [None] * size
        self._folder = TemporaryDirectory(prefix="indexcache-", ignore_cleanup_errors=True)

    @property
    def idle(self) -> tuple[int, ...]:
        """The workers without a task."""
        return tuple(
            number
            for number, worker in enumerate(self._workers)
            if worker is None or worker.task is None
        )

    @property
    def is_busy(self) -> bool:
        """Whether any worker has a task."""
        return len(self.idle) < len(self._workers)

    def give(self, number: int, task: Task) -> None:
        """Give a task to an idle worker."""
        worker = self._workers[number]
        if worker is None:
            worker = self._workers[number] = self._start(number)
        worker.task = task
        with suppress(OSError):  # a worker that ended meanwhile: wait() reports it
            worker.connection.send(task)

    def wait(self) -> list[Done]:
        """Wait until a task ends, and return all tasks that have ended.

        :raises PlayError: if worker processes do not start
        """
        done: list[Done] = []
        while not done:
            busy = {worker.connection: number for number, worker in self._busy()}
            done = [
                ended
                for connection in wait(list(busy))
                if (ended := self._hear(busy[connection])) is not None  # type: ignore[index]
            ]
        return done

    def _busy(self) -> list[tuple[int, _Worker]]:
        return [
            (n, worker)
            for n, worker in enumerate(self._workers)
            if worker and worker.task is not None
        ]

    def _start(self, number: int) -> _Worker:
        ours, theirs = self._context.Pipe()
        folder = Path(self._folder.name) / f"{number}-{os.urandom(3).hex()}"
        folder.mkdir()
        process = self._context.Process(
            target=_work, args=(theirs, folder, self._contained), daemon=True
        )
        try:
            with _interrupts_deferred():
                process.start()
        except OSError as error:
            raise _not_started(f"there is {error!r}") from error
        theirs.close()
        return _Worker(process, ours)

    def _hear(self, number: int) -> Done | None:
        """Receive a message from a worker; return None unless it ends a task."""
        worker = self._workers[number]
        if worker is None or worker.task is None:
            return None
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            return self._lose(number, worker, worker.task)
        if said == _READY:
            worker.is_ready = True
            return None
        task, worker.task = worker.task, None
        return Done(number, task, said)

    def _lose(self, number: int, worker: _Worker, task: Task) -> Done:
        worker.process.join(END_SECONDS)
        how = _how_it_ended(worker.process.exitcode)
        worker.connection.close()
        self._workers[number] = None
        if not worker.is_ready:
            raise _not_started(f"it {how}")
        return Done(number, task, lost=how)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        workers = [worker for worker in self._workers if worker is not None]
        processes = [worker.process for worker in workers]
        try:
            for worker in workers:
                worker.connection.close()
            _join(processes)
        except KeyboardInterrupt:
            # Ctrl-C pressed twice: workers then do not wait for their installers to end.
            for process in processes:
                process.terminate()
            _join(processes)
            raise
        finally:
            for process in processes:
                process.kill()
                process.join()
            self._folder.cleanup()


@dataclass
class _Worker:
    process: Any
    connection: Connection
    task: Task | None = None
    is_ready: bool = False


def _not_started(why: str) -> PlayError:
    return PlayError(
        f"a worker process does not start: {why}",
        "see its output above, if there is any, and check that enough memory is free",
    )


def _join(processes: Sequence[Any]) -> None:
    deadline = time.monotonic() + END_SECONDS
    for process in processes:
        process.join(max(deadline - time.monotonic(), 0.0))


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is None:
        return "hangs"
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-exit_code).name}"
    return f"was killed by signal {-exit_code}"


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Defer Ctrl-C in this thread, and in processes that are started meanwhile.

    A worker inherits this state, so that Ctrl-C does not interrupt its imports.
    """
    if not _CAN_DEFER:
        yield
        return
    # The tracker of multiprocessing unblocks SIGINT when it starts, so it must be running before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Stopped(BaseException):
    """Raised in a worker to end it immediately."""


def _work(connection: Connection, folder: Path, contained: ContainmentMode) -> None:
    """Run tasks until the pipe is closed; this is the main function of a worker process."""
    # Ctrl-C reaches every process of the terminal; the parent tells this one what to do. This
    # is a function because installers would inherit SIG_IGN.
    signal.signal(signal.SIGINT, lambda *_: None)
    if _CAN_DEFER:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _stop)
    tempfile.tempdir = str(folder)
    orders = _Orders(connection)
    threading.Thread(target=orders.listen, daemon=True).start()
    with suppress(_Stopped), PlaySession(contained=contained) as session:
        orders.answer(_READY)
        workplace = Workplace(session, folder)
        while (task := orders.tasks.get()) is not None:
            orders.busy.set()
            orders.answer(task(workplace))
            orders.busy.clear()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The parent may have ended without cleaning up.
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


class _Orders:
    """The worker's end of the pipe, through which it receives tasks and sends their results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self.busy = threading.Event()

    def answer(self, value: Any) -> None:
        """Send a value; stop the worker if the receiver has closed the connection."""
        try:
            self._connection.send(value)
        except OSError:
            raise _Stopped from None

    def listen(self) -> None:
        """Pass tasks to the main thread; when the pipe is closed, stop the current task."""
        with suppress(EOFError, OSError):
            while True:
                self.tasks.put(self._connection.recv())
        self.tasks.put(None)
        if not self.busy.is_set():
            return
        if sys.platform == "win32":
            import _thread

            _thread.interrupt_main(signal.SIGTERM)
        else:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def _stop(*_: object) -> None:
    raise _Stopped
