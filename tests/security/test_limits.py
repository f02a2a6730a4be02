"""Attacks on the machine by too many processes, or too much memory, disk space or output.

The code of each attack is bounded itself, so that a missing limit fails a test harmlessly.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.processes.process_tree import running_processes
from pytest_indexcache.installers.processes.step_limits import StepLimits
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.installers.uv.dialect import UvAdapter
from pytest_indexcache.run.plays.results import PlayResult

from .grounds import hostile_project, play_attack, processes_named, unchecked

pytestmark = pytest.mark.skipif(
    not any(running_processes()), reason="this system does not show its processes"
)

MODES = [
    pytest.param(
        ContainmentMode.AUTO,
        id="contained",
        marks=pytest.mark.skipif(
            not kernel_support().can_contain, reason="this kernel cannot contain a process"
        ),
    ),
    pytest.param(ContainmentMode.OFF, id="uncontained"),
]

MEBIBYTE = 1 << 20
MUCH = 60.0
"""The seconds in which a step must end on a loaded machine; each attack lasts ten times as long."""

START = """\
import os, subprocess, sys, time
marker = {marker!r}
sleeper = [sys.executable, "-c", "import time; time.sleep(600)", marker]
"""

PROCESSES = """\
for _ in range(40):
    subprocess.Popen(sleeper)
time.sleep(600)
"""
SESSIONS = """\
for _ in range(40):
    subprocess.Popen(sleeper, start_new_session=True)
time.sleep(600)
"""
BOMB = """\
for _ in range(5):
    os.fork()
os.execv(sys.executable, sleeper)
"""
MEMORY = """\
held = []
for _ in range(30):
    held.append(b"x" * (16 << 20))
time.sleep(600)
"""
MEMORY_OF_MANY = """\
hog = "held = b'x' * (60 << 20); import time; time.sleep(600)"
for _ in range(8):
    subprocess.Popen([sys.executable, "-c", hog, marker])
time.sleep(600)
"""
FILE = """\
with open(os.path.join(os.environ["HOME"], "large"), "wb") as file:
    for _ in range(80):
        file.write(b"x" * (1 << 20))
        file.flush()
    time.sleep(600)
"""
FILES = """\
for number in range(80):
    with open(os.path.join(os.environ["HOME"], str(number)), "wb") as file:
        file.write(b"x" * (1 << 20))
time.sleep(600)
"""
NAMELESS = """\
path = os.path.join(os.environ["HOME"], "large")
with open(path, "wb") as file:
    os.unlink(path)
    for _ in range(80):
        file.write(b"x" * (1 << 20))
        file.flush()
    time.sleep(600)
"""
OUTPUT = """\
for _ in range(80):
    sys.stdout.write("x" * (1 << 20))
    sys.stdout.flush()
time.sleep(600)
"""

LIMITS = StepLimits(
    seconds=MUCH,
    processes=16,
    memory=300 * MEBIBYTE,
    written=40 * MEBIBYTE,
    output=8 * MEBIBYTE,
)

ATTACKS = {
    "processes": (PROCESSES, "it had more than 16 processes at once"),
    "sessions": (SESSIONS, "it had more than 16 processes at once"),
    "bomb": (BOMB, "it had more than 16 processes at once"),
    "memory": (MEMORY, "its processes held more than 300 MiB of memory"),
    "memory of many": (MEMORY_OF_MANY, "its processes held more than 300 MiB of memory"),
    "file": (FILE, "the play wrote more than 40 MiB"),
    "files": (FILES, "the play wrote more than 40 MiB"),
    "nameless file": (NAMELESS, "the play wrote more than 40 MiB"),
}
OF_COMMANDS = {**ATTACKS, "output": (OUTPUT, "it printed more than 8 MiB")}


def fake_uv(code: str, folder: Path) -> Installer:
    """Return an adapter of uv that runs this code as the installer."""
    program = folder / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{code}")
    program.chmod(0o755)

    supplied = ProvisionedInstaller("uv", "0.13.8", program, None)
    supply = Supply(lambda: supplied, supplied.version)
    return UvAdapter(InstallerSpec.parse("uv==0.13.8"), supply, limits=LIMITS)


def demand_ended(result: PlayResult, words: str, marker: str, begun: float) -> None:
    """Check that a step reached this limit, and that no process of the step is left."""
    assert (result.steps[-1].exit, result.verdict) == ("limit", "passed"), result.reason
    assert f"[ended: {words}]" in result.steps[-1].output
    assert processes_named(marker) == []
    assert time.monotonic() - begun < MUCH


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OF_COMMANDS)
def test_command_is_ended_at_a_limit(name: str, mode: ContainmentMode, tmp_path: Path) -> None:
    """A command that exceeds a limit is ended with all of its processes."""
    code, words = OF_COMMANDS[name]
    marker = f"indexcache-{uuid4().hex}"
    installer = fake_uv(START.format(marker=marker) + code, tmp_path)
    scenario = unchecked([{"do": "lock", "expect": {"exit": "limit"}}])
    begun = time.monotonic()
    demand_ended(play_attack(scenario, installer, tmp_path, mode), words, marker, begun)


PROJECT = """\
[project]
name = "app"
version = "1"
dependencies = ["hostile"]
[tool.indexcache.sources]
hostile = { path = "../hostile" }
"""


@pytest.mark.parametrize("requires", ["", "'six'"], ids=["fork", "venv"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ATTACKS)
def test_build_of_the_reference_is_ended_at_a_limit(
    name: str, mode: ContainmentMode, requires: str, tmp_path: Path
) -> None:
    """A build backend that exceeds a limit is ended with all of its processes."""
    code, words = ATTACKS[name]
    marker = f"indexcache-{uuid4().hex}"
    files = hostile_project(START.format(marker=marker) + code, "hostile")
    project = files["hostile/pyproject.toml"].replace("requires = []", f"requires = [{requires}]")
    scenario = unchecked(
        [{"do": "sync", "expect": {"exit": "limit"}}],
        {**files, "hostile/pyproject.toml": project},
        **{"project-files": {"reference": PROJECT}},
    )
    installer = ReferenceAdapter(InstallerSpec.parse("reference"), limits=LIMITS)
    begun = time.monotonic()
    demand_ended(play_attack(scenario, installer, tmp_path, mode), words, marker, begun)


@pytest.mark.parametrize("mode", MODES)
def test_program_of_the_reference_is_ended_when_it_prints_too_much(
    mode: ContainmentMode, tmp_path: Path
) -> None:
    """A program that the reference runs is ended if it prints too much."""
    marker = f"indexcache_{uuid4().hex}"
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    module = f"project/.venv/lib/{python}/site-packages/{marker}.py"
    steps: list[dict[str, Any]] = [
        {"do": "sync"},
        {"do": "edit", "files": {module: START.format(marker=marker) + OUTPUT}},
        {"do": "run", "import": [marker], "expect": {"exit": "limit"}},
    ]
    scenario = unchecked(steps, project={"dependencies": ["six"]})
    installer = ReferenceAdapter(InstallerSpec.parse("reference"), limits=LIMITS)
    begun = time.monotonic()
    words = "it printed more than 8 MiB"
    demand_ended(play_attack(scenario, installer, tmp_path, mode), words, marker, begun)


def test_limit_that_is_not_expected_fails_and_is_told_first(tmp_path: Path) -> None:
    """An unexpected limit is a failure, whose first line names the step and the limit."""
    marker = f"indexcache-{uuid4().hex}"
    installer = fake_uv(START.format(marker=marker) + PROCESSES, tmp_path)
    result = play_attack(unchecked([{"do": "lock"}]), installer, tmp_path)
    assert result.verdict == "failed"
    assert result.reason == (
        "step 1: uv 0.13.8 reached a limit: it had more than 16 processes at once"
    )
