"""Doing several things at once, or the same one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def executor(most: int) -> Executor:
    """Return what does ``most`` things at once; with 1 each is done before the next is given."""
    if most == 1:
        return _OneByOne()
    return ThreadPoolExecutor(most, thread_name_prefix="indexcache")


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
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future
