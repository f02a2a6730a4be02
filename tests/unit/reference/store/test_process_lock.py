"""Locks between processes."""

from __future__ import annotations

import threading
from pathlib import Path

from pytest_indexcache.reference.store.process_lock import ProcessLock


def test_only_one_has_the_lock(tmp_path: Path) -> None:
    """Who does not wait learns that somebody has it, and gets it afterwards."""
    first, second = (ProcessLock(tmp_path / "new" / "x.lock") for _ in range(2))
    assert first.acquire(waits=False)
    assert not second.acquire(waits=False)
    first.release()
    assert second.acquire(waits=False)
    second.release()
    second.release()


def test_who_waits_gets_the_lock_in_the_end(tmp_path: Path) -> None:
    """A waiting thread goes on when the lock is given back."""
    path, seen = tmp_path / "x.lock", []

    def wait() -> None:
        with ProcessLock(path):
            seen.append("second")

    with ProcessLock(path):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.05)
        seen.append("first")
    waiting.join(10)
    assert seen == ["first", "second"]
