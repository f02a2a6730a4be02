"""The program of a Python that waits for requests and answers each one in a fork.

The text of this file is passed to a Python with ``-c``, followed by the text of a file that defines
``work`` and, optionally, the text of one that defines ``confine`` and ``sweep``. This file uses
only the standard library and the syntax of Python 3.6.
"""

import json
import mmap
import os
from collections.abc import Callable

TOKEN_LENGTH = 16
"""The length, in characters, of the token that links an answer to its request."""

UNCONFINED = "this Python cannot be confined"
"""The answer of a fork that refuses to work because it could not confine itself."""

_WAITING, _WORKING, _ANSWERED = range(3)
"""The states of a fork; the current state is in memory that it shares with its parent."""


class _Forks:
    """Answers requests in forks of this process, one after the other."""

    def __init__(
        self,
        work: "Callable[..., object]",
        confine: "Callable[[object], bool] | None",
        sweep: "Callable[[], None] | None",
    ) -> None:
        self._work, self._confine, self._sweep = work, confine, sweep
        # The work may read and print, which must not affect the requests and answers.
        self._answers, self._requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        self._state = mmap.mmap(-1, 1 + TOKEN_LENGTH)

    def serve(self) -> None:
        """Answer requests until the input ends, or a fork ends before it receives a request."""
        while True:
            self._state[0] = _WAITING
            child = os.fork()
            if not child:
                self._work_on_one()
                os._exit(0)
            status = os.waitpid(child, 0)[1]
            if self._sweep is not None:
                self._sweep()
            if self._state[0] == _WAITING:
                return
            if self._state[0] == _WORKING:
                # os.waitstatus_to_exitcode came with Python 3.9.
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
                self._answer(self._state[1:].decode("ascii", "replace"), code)

    def _work_on_one(self) -> None:
        # The first write to a memory page copies it: do that before a request arrives.
        compile("import json\nclass Module: pass", "", "exec")
        json.loads(json.dumps([{}]))  # noqa: TID251
        request = self._requests.readline()
        if not request:
            return
        self._requests.close()
        worker = os.getpid()
        token, limits, parts = json.loads(request)  # noqa: TID251
        self._state[1:] = token.encode()
        self._state[0] = _WORKING
        value = None
        if parts is not None:  # a request without parts only waits for the end of the previous one
            is_confined = self._confine is None or self._confine(limits)
            value = self._work(*parts) if is_confined else UNCONFINED
        if os.getpid() == worker:
            self._answer(token, value)
            self._state[0] = _ANSWERED

    def _answer(self, token: str, value: object) -> None:
        print(json.dumps([token, value]), file=self._answers, flush=True)


def serve(
    work: "Callable[..., object]",
    confine: "Callable[[object], bool] | None" = None,
    sweep: "Callable[[], None] | None" = None,
) -> None:
    """Answer requests until the input ends.

    ``work`` is called with the arguments in a request, and returns a JSON value. Before that,
    ``confine`` is called with the limits in the request; it returns whether the fork is now
    restricted. After each fork, ``sweep`` is called to end processes that the fork left behind.
    """
    _Forks(work, confine, sweep).serve()
