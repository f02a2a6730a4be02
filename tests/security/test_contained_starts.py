"""Every program that a play starts is contained."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_indexcache.errors import ContainmentError, PlayError
from pytest_indexcache.installers.containment.containment import (
    Containment,
    system_containment,
)
from pytest_indexcache.installers.contract.installer import Workspace
from pytest_indexcache.installers.processes.play_processes import (
    fork_containment,
    workspace_containment,
)
from pytest_indexcache.installers.processes.process import run_command
from pytest_indexcache.installers.processes.waiting_python import WaitingPython
from pytest_indexcache.run.plays.venvs.venv_imports import importing
from pytest_indexcache.system.pythons.interpreter import running_interpreter
from pytest_indexcache.system.venvs.environment import Environment

from .contained_commands import SECRET, Grounds, needs_containment, shell_command

pytestmark = needs_containment


def test_commands_of_an_installer_run_within_containment(grounds: Grounds) -> None:
    """A command in a contained workspace can write there, and cannot read files outside it."""
    workspace = Workspace(grounds.workspace, is_contained=True)
    finished = run_command(
        shell_command("echo x > file; cat ../home/secret; cat file"),
        folder=grounds.workspace,
        environment={"PATH": "/usr/bin:/bin"},
        containment=workspace_containment(workspace, Path("/bin/sh")),
    )
    assert finished.succeeded, finished.output
    assert SECRET not in finished.output
    assert "Permission denied" in finished.output


def test_imports_run_within_containment(grounds: Grounds) -> None:
    """An import in a contained venv cannot read a file outside the workspace."""
    venv = grounds.workspace / ".venv"
    Environment.create(venv, running_interpreter(), grounds.home.parent / "templates")
    package = next(venv.glob("lib/python*/site-packages")) / "greedy.py"
    package.write_text(f"secret = open({str(grounds.canary)!r}).read()\nplain = 1")
    with importing(venv, ["greedy.secret"], Workspace(grounds.workspace)) as values:
        assert values() == {"greedy.secret": SECRET}
    walled = Workspace(grounds.workspace, is_contained=True)
    known = frozenset({running_interpreter().executable.resolve()})
    with importing(venv, ["json.__name__"], walled, known) as values:
        assert values() == {"json.__name__": "json"}
    with importing(venv, ["greedy.secret"], walled, known) as values:
        assert "PermissionError" in values()["greedy.secret"]


def test_imports_use_no_program_that_an_installer_put_in_the_place_ofpython_command(
    grounds: Grounds,
) -> None:
    """If a program replaces a venv's Python, an import fails, and the program is not started."""
    venv = grounds.workspace / ".venv"
    (venv / "bin").mkdir(parents=True)
    program = grounds.workspace / "program"
    program.write_text(f"#!/bin/sh\ncat {grounds.canary} > {grounds.workspace}/stolen\n")
    program.chmod(0o755)
    walled = Workspace(grounds.workspace, is_contained=True)
    outside = grounds.home / "program"
    outside.write_text(program.read_text())
    outside.chmod(0o755)
    for target in (program, outside):
        (venv / "bin" / "python").unlink(missing_ok=True)
        (venv / "bin" / "python").symlink_to(target)
        known = frozenset({running_interpreter().executable.resolve()})
        with importing(venv, ["json"], walled, known) as values, pytest.raises(PlayError):
            values()
        assert not (grounds.workspace / "stolen").exists()


LEAVES_A_DAEMON = """\
import os

def work(seconds):
    if not os.fork():
        if not os.fork():
            os.setsid()
            os.execv("/bin/sleep", ["sleep", seconds])
        os._exit(0)
    os.wait()
"""


def test_an_answer_comes_when_nothing_of_the_work_is_left(grounds: Grounds) -> None:
    """Background processes of an import are ended before its result is returned."""
    containment = fork_containment(system_containment(grounds.workspace))
    program = grounds.workspace / "leaves_a_daemon.py"
    program.write_text(LEAVES_A_DAEMON)
    python = WaitingPython(Path(sys.executable).resolve(), program, containment)
    seconds = f"600.{os.getpid()}"
    try:
        for _ in range(20):
            python.ask(seconds, limits=containment.limits)
            assert _sleeping(seconds) == []
    finally:
        python.end(at_once=True)


def _sleeping(seconds: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if (folder / "cmdline").read_bytes() == f"sleep\0{seconds}\0".encode():
                found.append(folder.name)
    return found


def test_an_error_of_the_start_is_raised(grounds: Grounds) -> None:
    """An exception of the contained start is raised to the caller."""
    with pytest.raises(FileNotFoundError):
        grounds.run("/nowhere/program", containment=system_containment(grounds.workspace))


def test_a_refusal_of_the_kernel_is_told(grounds: Grounds) -> None:
    """If the kernel refuses a containment rule, an error is raised, and no program is started."""
    with pytest.raises(ContainmentError, match="allow connections to port 70000"):
        grounds.run("true", containment=Containment(tcp_ports=(70000,)))
