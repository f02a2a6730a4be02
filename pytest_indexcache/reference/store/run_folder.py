"""A temporary folder for one run of the installer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from filelock import FileLock, Timeout


class RunFolder:
    """A folder for incomplete files, which is created inside ``parent`` when it is first needed.

    The folder is locked as long as the process runs. If the process is killed, the lock is
    released, and the next run that creates such a folder removes this one. Thread-safe; several
    processes may use the same ``parent``.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._folder: Path | None = None
        self._file_lock: FileLock | None = None
        self._lock = Lock()

    def new_path(self, filename: str) -> Path:
        """Return a path for a new file in the folder; the path ends with ``filename``."""
        with self._lock:
            if self._folder is None:
                self._folder = self._make()
        return Path(mkdtemp(dir=self._folder), filename)

    def close(self) -> None:
        """Remove the folder and everything in it."""
        with self._lock:
            if self._folder is None or self._file_lock is None:
                return
            shutil.rmtree(self._folder, ignore_errors=True)
            self._file_lock.release()
            self._lock_path(self._folder).unlink(missing_ok=True)
            self._folder = None

    def _make(self) -> Path:
        self._parent.mkdir(parents=True, exist_ok=True)
        folder = self._parent / os.urandom(8).hex()
        # No other process removes folders while a run's own lock exists but is not held yet.
        with FileLock(self._parent / "guard"):
            _remove_abandoned(self._parent)
            # The run may be closed by another thread than the one that started it.
            self._file_lock = FileLock(self._lock_path(folder), thread_local=False)
            self._file_lock.acquire()
        folder.mkdir()
        return folder

    @staticmethod
    def _lock_path(folder: Path) -> Path:
        return folder.with_suffix(".lock")


def remove_abandoned(parent: Path) -> int:
    """Remove the folders of killed runs; return how many were removed."""
    if not parent.is_dir():
        return 0
    with FileLock(parent / "guard"):
        return _remove_abandoned(parent)


def _remove_abandoned(parent: Path) -> int:
    count = 0
    for lock_path in parent.glob("*.lock"):
        folder = lock_path.with_suffix("")
        try:
            with FileLock(lock_path, blocking=False):
                if folder.is_dir():
                    shutil.rmtree(folder, ignore_errors=True)
                    count += 1
        except Timeout:
            continue
        lock_path.unlink(missing_ok=True)
    return count
