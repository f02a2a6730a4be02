"""Start a command so that Ctrl-C ends it without a traceback.

This also works while the command's modules are being imported. For this reason, this module itself
imports as little as possible.
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
    """Run a command and return its exit code; raise SystemExit if the arguments are invalid.

    If ``arguments`` is None, the command line of this process is used. In this case, signal
    handlers are also set, and the standard streams are replaced.
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
        if is_process:
            # Python itself would end by SIGINT, not with this code, if the interrupt came while
            # ``exec`` ran a string, as it does when a dataclass is made.
            _flush()
            os._exit(INTERRUPTED_CODE)
        return INTERRUPTED_CODE
    finally:
        if is_process:
            _on_end(_end)
            _flush()


def _handles_ctrl_c() -> bool:
    """Return whether Ctrl-C raises KeyboardInterrupt here.

    This is not the case if the process ignores SIGINT, as under ``nohup``, or outside the main
    thread.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _on_end(handler: Callable[..., object]) -> None:
    """Set a handler for SIGINT (Ctrl-C) and for SIGTERM, which CI systems send to cancel a job."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _flush() -> None:
    """Flush stdout and stderr, because ``_end`` discards buffered text."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # a closed pipe is reported when Python ends
            stream.flush()


def _end(*_: object) -> NoReturn:
    """End the process immediately, with a message instead of a traceback."""
    os.write(2, _INTERRUPTED.encode())
    os._exit(INTERRUPTED_CODE)
