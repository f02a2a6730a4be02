"""A matrix that is interrupted or killed, or loses a worker, keeps its results."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from .conftest import Machine
from .test_matrix import played

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")

PATIENCE = 180.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def waiting(machine: Machine) -> list[int]:
    """Return the running installer processes that take minutes."""
    return [int(path.name) for path in (machine.folder / "waiting").iterdir()]


def is_running(process: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def workers(process: int) -> list[int]:
    """Return the child processes of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def kept(machine: Machine) -> int:
    """Count the plays in the store, after checking that the store is intact."""
    with closing(sqlite3.connect(machine.store)) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(store.execute("SELECT count(*) FROM plays").fetchone()[0])


@contextmanager
def started(machine: Machine) -> Iterator[subprocess.Popen[str]]:
    """Start a matrix of 40 plays: after ten short ones, two take minutes."""
    machine.rule("waits=28-29")
    process = machine.start("matrix", machine.scenario(), "--installer", "ruled>=1", "--jobs", "2")
    try:
        wait_until(lambda: len(waiting(machine)) == 2 or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.communicate()


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are in /proc")


def press_ctrl_c(process: subprocess.Popen[str]) -> None:
    """Interrupt all processes of a command, as a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


@linux
@pytest.mark.parametrize("end", [press_ctrl_c, subprocess.Popen.terminate])
def test_end_of_a_matrix_ends_everything_and_keeps_what_is_done(
    machine: Machine, end: Callable[[subprocess.Popen[str]], None]
) -> None:
    """Ctrl-C or SIGTERM ends installers and workers; finished plays are stored, not repeated."""
    with started(machine) as process:
        pool = workers(process.pid)
        end(process)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert not any(map(is_running, waiting(machine)))
    wait_until(lambda: not any(map(is_running, pool)))
    assert [line.split()[-1] for line in out.splitlines()[1:4]] == ["ruled", "1.30", "1.39"]
    assert "10 passed\n" in out
    assert "10 of 40 plays are done; run the same command again" in err
    assert "Traceback" not in err
    assert kept(machine) == 10
    machine.rule("")
    ended = machine.run("matrix", "report.toml", "--installer", "ruled>=1")
    assert len(played(ended.err)) == 30


@linux
def test_a_matrix_that_is_killed_leaves_nothing_running(machine: Machine) -> None:
    """Workers and their installers end when the process that started them is killed."""
    with started(machine) as process:
        pool = workers(process.pid)
        process.kill()
        wait_until(lambda: not any(map(is_running, [*waiting(machine), *pool])))
    assert len(pool) >= 2
    assert not list((machine.folder / "tmp").iterdir())
    assert kept(machine) == 10


@linux
def test_a_second_ctrl_c_ends_at_once(machine: Machine) -> None:
    """A second Ctrl-C ends the matrix at once, and no process keeps running."""
    with started(machine) as process:
        pool = workers(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    wait_until(lambda: not any(map(is_running, [*waiting(machine), *pool])))
    assert kept(machine) == 10


def test_a_worker_that_is_killed_costs_one_play(machine: Machine) -> None:
    """If a worker is killed, its play is an error; all other plays are finished and stored."""
    machine.rule("dies=2,5")
    ended = machine.run("matrix", machine.scenario(), "--installer", "ruled<1.8")
    assert ended.code == 1
    assert "2 error, 6 passed\n" in ended.out
    assert "the process that played it was killed by SIGKILL" in ended.out
    assert "memory ran out, or it was killed from outside: play again" in ended.out
    assert kept(machine) == 6


def test_a_defect_of_the_harness_costs_one_play(
    machine: Machine,
) -> None:
    """An unexpected exception is an error of one play, with its traceback on stderr."""
    machine.rule("crashes=1")
    process = machine.start("matrix", machine.scenario(), "--installer", "ruled<1.4")
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "1 error, 3 passed\n" in out
    assert "ended with exit code 1" in out
    assert "RuntimeError: a defect of the harness" in err


def test_workers_that_do_not_start_end_the_matrix(machine: Machine) -> None:
    """If no worker can be started, the matrix reports it once, not once per play."""
    python = machine.folder / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *spawn_main*) exit 3;; esac\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    multiprocessing.set_executable(str(python))
    try:
        ended = machine.run("matrix", machine.scenario(), "--installer", "ruled<1.8")
    finally:
        multiprocessing.set_executable(sys.executable)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.count("a worker process does not start") == 1
    assert "check that enough memory is free" in ended.err


def test_several_matrices_share_a_store(machine: Machine) -> None:
    """Plays of several processes that write into one store at once are all stored."""
    machine.scenario()
    parts = ("ruled<1.4", "ruled>=1.4,<1.8", "ruled>=1.8,<1.12")
    started = [machine.start("matrix", "report.toml", "--installer", part) for part in parts]
    assert [
        process.communicate(timeout=PATIENCE * 2) and process.returncode for process in started
    ] == [0] * 3
    assert kept(machine) == 12
