"""Doing several things at once, or the same one after the other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, wait
from functools import partial
from threading import Lock
from typing import Any, Final, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Item = TypeVar("Item")

PATIENCE_SECONDS: Final = 0.01
"""How long somebody waits for one thing before several are done at once."""

SOON_SECONDS: Final = 0.002
"""How long each of many things may take before the others are done several at once."""

DELAY_SECONDS: Final = 0.02
"""How much longer they may take together, as anything may be held up now and then."""


def executor(most: int) -> Executor:
    """Return what does ``most`` things at once; with 1 each is done before the next is given.

    It begins with one thread, and takes more once somebody has waited for a result: what the caches
    know is there sooner by one thread than by several that take turns.
    """
    return _OneByOne() if most == 1 else _OnceWaitedFor(most)


def do_each(
    task: Callable[[Item], object], items: Iterable[Item], most: int, stop: Callable[[], object]
) -> None:
    """Do a task with each item: one after the other, or ``most`` at once when they take long.

    The first error in the order of the items is raised when all that was begun has ended;
    ``stop`` is called before, to end it soon.
    """
    left = iter(items)
    begun = time.perf_counter()
    for done, item in enumerate(left, 1):
        task(item)
        if time.perf_counter() - begun > done * SOON_SECONDS + DELAY_SECONDS:
            break
    waiting = list(left)
    if waiting:
        # Not at the top, for a run in which nothing takes long.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(most, len(waiting))) as threads:
            try:
                for _ in threads.map(task, waiting):
                    pass
            except BaseException:
                stop()
                raise


class _OneByOne(Executor):
    """Does what it is given in the thread that gives it."""

    def submit(
        self,
        fn: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Future[Result]:
        """Do it, and return what came of it."""
        future: Future[Any] = Future()
        _do(future, partial(fn, *args, **kwargs))
        return future


class _OnceWaitedFor(Executor):
    """Does what it is given in one thread, and in several after somebody waited for a result."""

    def __init__(self, most: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._threads = ThreadPoolExecutor(most, thread_name_prefix="indexcache")
        self._given: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._most = most
        self._allowed = 1
        self._at_work = 0
        self._lock = Lock()

    def submit(
        self,
        fn: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Future[Result]:
        """Have it done, and return what will come of it."""
        future = _Awaited[Result](self.hurry)
        with self._lock:
            self._given.append((future, partial(fn, *args, **kwargs)))
            self._employ()
        return future

    def hurry(self) -> None:
        """Let as many threads work from now on as may."""
        with self._lock:
            self._allowed = self._most
            self._employ()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more; ``wait`` for what was given, unless that shall be cancelled."""
        if cancel_futures:
            with self._lock:
                cancelled = [future for future, _ in self._given]
            for future in cancelled:
                future.cancel()
        self.hurry()
        self._threads.shutdown(wait)

    def _employ(self) -> None:
        for _ in range(min(len(self._given), self._allowed - self._at_work)):
            self._at_work += 1
            self._threads.submit(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._given:
                    self._at_work -= 1
                    return
                future, task = self._given.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    _do(future, task)
                except BaseException as error:  # noqa: BLE001 - in a thread it would end nothing
                    future.set_exception(error)


class _Awaited(Future[Result]):
    """A future that tells when somebody has waited for it."""

    def __init__(self, waited: Callable[[], None]) -> None:
        super().__init__()
        self._waited = waited

    def result(self, timeout: float | None = None) -> Result:
        """Return what came of it."""
        if not self.done() and not wait([self], PATIENCE_SECONDS).done:
            self._waited()
        return super().result(timeout)


def _do(future: Future[Any], task: Callable[[], Any]) -> None:
    try:
        future.set_result(task())
    except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
