"""A matrix on the workers of a Dask scheduler; the processes are real, and one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import PlayError, StoreError
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.matrix import scheduler as module
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario, PlayTask, plan_cells
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.scheduler import play_on_scheduler
from pytest_indexcache.run.matrix.store import Store
from pytest_indexcache.run.matrix.workers import Done
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario.loader import loads

SECONDS = 60
SCENARIO = """
title = "number {number}"
[indexes.pypi]
url = "https://pypi.org/simple"
packages = {{ six = {{ "1.{number}" = {{}} }} }}
[project]
dependencies = ["six"]
[[steps]]
do = "fail"
index = "pypi"
how = "slow"
seconds = 0.5
[[steps]]
do = "sync"
expect = {{ installed = {{ six = "1.{number}" }} }}
"""


@dataclass
class Cluster:
    """A scheduler and two workers, each with its own INDEXCACHE_HOME."""

    address: str
    workers: list[subprocess.Popen[bytes]]


def start(*arguments: str, home: Path) -> subprocess.Popen[bytes]:
    """Start a process of Dask."""
    home.mkdir()
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, "--no-dashboard"],
            stdout=log,
            stderr=log,
            env={**os.environ, "INDEXCACHE_HOME": str(home)},
            cwd=home,
        )


def address_in(file: Path) -> str:
    """Wait until a scheduler has written its file, and return its address."""
    deadline = time.monotonic() + SECONDS
    while not file.exists() or not file.stat().st_size:
        assert time.monotonic() < deadline, "the scheduler does not start"
        time.sleep(0.05)
    address: str = loads_json(file.read_text())["address"]
    return address


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start a scheduler with two workers; end all remaining processes afterwards."""
    file = tmp_path / "scheduler.json"
    place = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    processes = [start("scheduler", *place, home=tmp_path / "scheduler")]
    try:
        address = address_in(file)
        for number in (1, 2):
            home = tmp_path / f"home-{number}"
            words = (address, "--nthreads", "1", "--no-nanny", "--local-directory", str(home))
            processes.append(start("worker", *words, home=home))
        yield Cluster(address, processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


def cells(count: int) -> list[Cell]:
    """Return this number of plays with the reference installer, each half a second long."""
    named = [
        NamedScenario(f"number-{number}", loads(SCENARIO.format(number=number)), Path("none"))
        for number in range(count)
    ]
    return plan_cells(named, [create_installer("reference")], "inprocess")


def records_in(file: Path, heard: list[StoreError]) -> Records:
    """Return records in a new store."""
    return Records(circumstances(), Store(file, circumstances()), warn=heard.append)


def test_cells_of_a_killed_worker_are_played_again(cluster: Cluster, tmp_path: Path) -> None:
    """A cell whose worker is killed is played by another worker, and the result is stored."""
    heard: list[StoreError] = []
    records = records_in(tmp_path / "plays.sqlite", heard)
    told: list[PlayRecord] = []

    def tell(record: PlayRecord, is_remembered: bool) -> None:
        assert not is_remembered
        told.append(record)
        if len(told) == 4:
            cluster.workers[0].send_signal(signal.SIGKILL)

    planned = cells(12)
    play_on_scheduler(planned, records, address=cluster.address, tell=tell)

    assert cluster.workers[0].wait(SECONDS) == -signal.SIGKILL
    assert {record.result.scenario for record in told} == {cell.scenario.name for cell in planned}
    assert [record.result.verdict for record in told] == [Verdict.PASSED] * 12
    assert not heard
    assert all(records.recall(cell) is not None for cell in planned)


def test_what_the_store_remembers_is_not_handed_out(tmp_path: Path) -> None:
    """If every cell is in the store, the scheduler is not contacted."""
    heard: list[StoreError] = []
    records = records_in(tmp_path / "plays.sqlite", heard)
    planned = cells(1)
    done = Done(0, PlayTask.of(planned[0]), planned[0].not_played(Verdict.PASSED, ""))
    records.enter(planned[0], done)
    told: list[bool] = []

    play_on_scheduler(
        planned, records, address="tcp://127.0.0.1:1", tell=lambda _, known: told.append(known)
    )

    assert told == [True]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:1", "no Dask scheduler answers at tcp://127.0.0.1:1"),
        ("nonsense://x", "no Dask scheduler answers at nonsense://x"),
    ],
)
def test_scheduler_that_does_not_answer_is_named(
    address: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error for a silent scheduler gives its address and the command to start one."""
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.5)
    records = records_in(tmp_path / "plays.sqlite", [])
    with pytest.raises(PlayError, match=message) as caught:
        play_on_scheduler(cells(1), records, address=address, tell=lambda *_: None)
    assert "dask scheduler" in str(caught.value)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Dask, the error names the extra to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    records = records_in(tmp_path / "plays.sqlite", [])
    with pytest.raises(PlayError, match=r"needs Dask") as caught:
        play_on_scheduler(cells(1), records, address="tcp://127.0.0.1:1", tell=lambda *_: None)
    assert "pytest-indexcache[dask]" in str(caught.value)
