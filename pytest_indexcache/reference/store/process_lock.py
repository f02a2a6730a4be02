"""A lock between processes, held through a file.

The standard library has all that it takes. Importing ``filelock``, which does this for asyncio and
for network file systems as well, takes a tenth of the time that a whole run may have.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(descriptor: int, *, waits: bool) -> None:
        """Lock the first byte, or raise BlockingIOError."""
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except PermissionError as error:
                if not waits:
                    raise BlockingIOError from error
                time.sleep(0.02)
else:
    import fcntl

    def _lock(descriptor: int, *, waits: bool) -> None:
        """Lock the file, or raise BlockingIOError."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))


class ProcessLock:
    """A lock that one process holds at a time; it ends with the process, however that ends.

    The file is made, and stays. Two objects exclude each other within a process as well.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, waits: bool = True) -> bool:
        """Take the lock, waiting for whoever has it if ``waits``; return whether it was had."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(descriptor, waits=waits)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; closing the file does that."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
