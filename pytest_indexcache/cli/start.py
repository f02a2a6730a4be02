"""Start a command, so that Ctrl-C ends it cleanly even while its modules are being imported.

Nothing heavy is imported at the top: until ``main`` is called, Ctrl-C shows a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

INTERRUPTED_CODE: Final = 130
_INTERRUPTED: Final = "indexcache: interrupted\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; raise SystemExit for invalid arguments.

    Without ``arguments``, the arguments of this process are used. In this case, before the command
    starts and after it ends, Ctrl-C ends the process at once.
    """
    is_process = arguments is None and _handles_ctrl_c()
    if is_process:
        _on_end(_end)
    from pytest_indexcache.cli.command_line import run_command_line
    from pytest_indexcache.cli.terminal.guarded_streams import guard_streams

    if arguments is None:
        guard_streams()
    try:
        if is_process:
            _on_end(signal.default_int_handler)
        return run_command_line(arguments)
    except KeyboardInterrupt:
        sys.stderr.write(_INTERRUPTED)
        return INTERRUPTED_CODE
    finally:
        if is_process:
            _on_end(_end)
            _flush()


def _handles_ctrl_c() -> bool:
    """Return whether Ctrl-C raises KeyboardInterrupt; it does not under ``nohup``."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _on_end(handler: Callable[..., object]) -> None:
    """Call a handler at Ctrl-C and at SIGTERM, with which a CI cancels a job."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _flush() -> None:
    """Write the buffered text of the streams, which ``_end`` would lose."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # a closed pipe is reported when Python ends
            stream.flush()


def _end(*_: object) -> NoReturn:
    """End the process without a traceback, when there is nothing to clean up."""
    os.write(2, _INTERRUPTED.encode())
    os._exit(INTERRUPTED_CODE)
