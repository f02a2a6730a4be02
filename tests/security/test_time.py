"""Small files whose plays would take hours, and are ended by a time limit."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.processes.step_limits import StepLimits
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process, on_the_wire
from pytest_indexcache.scenario.model import Scenario

from .grounds import hostile_project, play_attack, processes_named, unchecked

LIMIT = 0.5
MUCH = 60.0
"""Seconds that a loaded machine may take for a play that would last for hours otherwise."""


def pigeons(holes: int) -> str:
    """Return a scenario of the pigeonhole problem, with one pigeon more than there are holes.

    A backtracking resolver takes very long to find that there is no solution.
    """
    lines = ['title = "Pigeons"', "[indexes.pypi]", 'url = "https://pypi.org/simple"']
    lines.append("[indexes.pypi.packages]")
    everyone = range(holes + 1)
    for pigeon in everyone:
        for hole in range(1, holes + 1):
            lines.append(f'pigeon{pigeon}.{hole} = {{ requires = ["hole{hole}=={pigeon}"] }}')
    for hole in range(1, holes + 1):
        lines.append(f"hole{hole} = {{ {', '.join(f'{pigeon} = {{}}' for pigeon in everyone)} }}")
    wanted = ", ".join(f'"pigeon{pigeon}"' for pigeon in everyone)
    return "\n".join([*lines, "[project]", f"dependencies = [{wanted}]", "[[steps]]", ""])


def played(
    text: str, root: Path, gateway: Gateway | None = None, limit: float = LIMIT
) -> PlayResult:
    """Play a scenario with the reference installer and a time limit for each step."""
    installer = ReferenceAdapter(InstallerSpec.parse("reference"), limits=StepLimits(seconds=limit))
    connect = on_the_wire(gateway, time.time) if gateway else in_process(time.time)
    transport = "wire" if gateway else "inprocess"
    scenario = loads_playable(text).scenario
    return play(Play(scenario, "stranger", installer, connect, transport), root)


@pytest.mark.parametrize("transport", ["inprocess", "wire"])
def test_resolution_without_end_is_a_hang(transport: str, tmp_path: Path) -> None:
    """A resolution that would take hours is ended as a hang, and leaves no thread behind."""
    text = pigeons(11) + 'do = "lock"\nexpect = { exit = "failure" }\n'
    assert len(text) < 7000
    threads = set(threading.enumerate())
    begun = time.monotonic()
    if transport == "wire":
        with Gateway(clock=time.time) as gateway:
            result = played(text, tmp_path, gateway)
    else:
        result = played(text, tmp_path)
    assert time.monotonic() - begun < MUCH
    assert (result.verdict, result.steps[0].exit) == ("failed", ExitKind.HANG)
    assert result.reason == f"step 1: reference {result.installer_version} hung: it did not end" + (
        f" within {LIMIT:g} s"
    )
    assert "[ended: it did not end within 0.5 s]" in result.steps[0].output
    assert set(threading.enumerate()) == threads
    assert not (tmp_path / "project" / "pylock.toml").exists()


def test_hang_can_be_expected_and_the_next_play_is_undisturbed(tmp_path: Path) -> None:
    """A hang can be expected, and leaves no lock that would block the next play."""
    text = pigeons(11) + 'do = "lock"\nexpect = { exit = "hang" }\n'
    assert played(text, tmp_path / "first").verdict == "passed"
    text = pigeons(1).replace('"pigeon0", ', "") + 'do = "sync"\nexpect = { downloads = 2 }\n'
    assert played(text, tmp_path / "second", limit=MUCH).verdict == "passed"


def test_wait_for_answers_is_ended(tmp_path: Path) -> None:
    """A slow index delays a step beyond its limit by at most one request."""
    text = (
        pigeons(1).replace('"pigeon0", ', "").replace("[[steps]]", "")
        + '[[steps]]\ndo = "fail"\nindex = "pypi"\nhow = "slow"\nseconds = 3\ntimes = 50\n'
        + '[[steps]]\ndo = "lock"\nexpect = { exit = "hang" }\n'
    )
    begun = time.monotonic()
    result = played(text, tmp_path)
    assert (result.verdict, time.monotonic() - begun < MUCH) == ("passed", True), result


HANGS = """\
import os, subprocess, sys, time
child = [sys.executable, "-c", "import time; time.sleep(600)", MARKER]
subprocess.Popen(child, start_new_session=True)
subprocess.Popen(child).wait()
"""
"""The code of a build backend that never ends: it starts two children and waits for them."""

PROJECT = """\
[project]
name = "app"
version = "1"
dependencies = ["hostile"]
[tool.indexcache.sources]
hostile = { path = "../hostile" }
"""


def building(code: str, requires: str = "") -> Scenario:
    """Return a scenario in which the reference builds a project twice; the first build hangs."""
    files = hostile_project(code, "hostile")
    name = "hostile/pyproject.toml"
    files[name] = files[name].replace("requires = []", f"requires = [{requires}]")
    steps = [
        {"do": "sync", "expect": {"exit": "hang"}},
        {"do": "edit", "files": hostile_project("", "hostile")},
        {"do": "sync", "expect": {"exit": "failure"}},
    ]
    return unchecked(steps, files, **{"project-files": {"reference": PROJECT}})


@pytest.mark.parametrize("requires", ["", "'six'"], ids=["fork", "venv"])
@pytest.mark.parametrize(
    ("mode", "has_thread"),
    [(ContainmentMode.AUTO, False), (ContainmentMode.AUTO, True), (ContainmentMode.OFF, False)],
    ids=["contained", "contained in another thread", "uncontained"],
)
def test_build_that_hangs_is_ended_with_its_children(
    requires: str, mode: ContainmentMode, has_thread: bool, tmp_path: Path
) -> None:
    """A build backend that hangs is ended with all of its processes.

    Afterwards no lock is held, and the build in the next step works.
    """
    marker = f"indexcache-{uuid4().hex}"
    scenario = building(HANGS.replace("MARKER", repr(marker)), requires)
    installer = ReferenceAdapter(InstallerSpec.parse("reference"), limits=StepLimits(seconds=3.0))
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        if has_thread:
            result = pool.submit(play_attack, scenario, installer, tmp_path, mode).result()
        else:
            result = play_attack(scenario, installer, tmp_path, mode)
    assert time.monotonic() - begun < MUCH
    assert [step.exit for step in result.steps] == ["hang", "success", "failure"], result.reason
    assert "this backend builds nothing" in result.steps[2].output
    assert result.verdict == "passed"
    assert processes_named(marker) == []


def test_handler_of_a_signal_stays(tmp_path: Path) -> None:
    """A time limit does not change the signal handlers and timers of the process."""
    kinds = [number for number in signal.valid_signals() if number not in (9, 19)]
    before = {number: signal.getsignal(number) for number in kinds}
    signal.setitimer(signal.ITIMER_REAL, 3600.0)
    try:
        text = pigeons(11) + 'do = "lock"\nexpect = { exit = "hang" }\n'
        assert played(text, tmp_path).verdict == "passed"
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 3000
        assert {number: signal.getsignal(number) for number in kinds} == before
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
