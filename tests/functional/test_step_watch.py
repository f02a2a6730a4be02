"""The watch over processes and disk use, which ends processes above their limits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.installers.processes.disk_use import disk_use
from pytest_indexcache.installers.processes.process_tree import running_processes, tree_of
from pytest_indexcache.installers.processes.step_limits import DEFAULT_LIMITS, StepLimits
from pytest_indexcache.installers.processes.step_watch import StepEnded, StepWatch

FAMILY = """
import os, subprocess, sys, time
generation = int(sys.argv[1])
if generation < 3:
    child = [sys.executable, "-c", sys.argv[2], str(generation + 1), sys.argv[2]]
    subprocess.Popen(child, start_new_session=True)
open(f"generation{generation}", "w").close()
time.sleep(600)
"""

needs_proc = pytest.mark.skipif(
    not any(running_processes()), reason="this system does not show its processes"
)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@needs_proc
def test_running_process_is_described() -> None:
    """The description of this process contains its parent, session and memory."""
    me = next(it for it in running_processes() if it.number == os.getpid())
    assert (me.parent, me.session) == (os.getppid(), os.getsid(0))
    assert 1 << 22 < me.memory < 1 << 40


@needs_proc
def test_watch_ends_a_process_and_its_descendants(tmp_path: Path) -> None:
    """At a time limit, descendants of a process in other sessions are ended, too."""
    with StepWatch(StepLimits(seconds=600.0, processes=2)) as watch:
        command = [sys.executable, "-c", FAMILY, "1", FAMILY]
        process = watch.follow(subprocess.Popen(command, cwd=tmp_path))
        assert process.wait(60) < 0
        wait_until(lambda: tree_of(frozenset({process.pid})) == [])
        with pytest.raises(StepEnded):
            watch.checkpoint()
    assert watch.reached is not None
    assert watch.reached.words == "it had more than 2 processes at once"


def test_watch_within_its_limits_ends_nothing(tmp_path: Path) -> None:
    """A process within its limits is not ended, and a checkpoint raises no exception."""
    with StepWatch(DEFAULT_LIMITS, [tmp_path]) as watch:
        command = [sys.executable, "-c", "import time; time.sleep(0.8)"]
        assert watch.follow(subprocess.Popen(command)).wait() == 0
        watch.checkpoint()
    assert watch.reached is None


@needs_proc
def test_disk_use_counts_each_file_once(tmp_path: Path) -> None:
    """Disk use counts hard links once, and deleted open files, but no holes or link targets.

    Folders count, too, because they take space on most file systems.
    """
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    elsewhere.write_bytes(os.urandom(1 << 20))
    assert disk_use([folder]) == (folder / "deep").stat().st_blocks * 512
    (folder / "link").symlink_to(elsewhere)
    (folder / "file").write_bytes(os.urandom(1 << 20))
    (folder / "deep" / "other name").hardlink_to(folder / "file")
    with (folder / "hole").open("wb") as hole:
        hole.truncate(1 << 30)
    assert 1 << 20 <= disk_use([folder]) < 1.5 * (1 << 20)
    with (folder / "nameless").open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.flush()
        (folder / "nameless").unlink()
        assert 2 << 20 <= disk_use([folder], [os.getpid()]) < 2.5 * (1 << 20)
    assert disk_use([tmp_path / "missing"], [1 << 22]) == 0
