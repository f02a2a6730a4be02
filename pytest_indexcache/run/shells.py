"""A shell in a workspace, in which an installer reaches the fake indexes as in a play."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from packaging.version import Version

from pytest_indexcache.errors import CapabilityError, PlayError
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.containment.starts import start_contained
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment, end_searches
from pytest_indexcache.installers.processes.play_processes import (
    guarded,
    python_prefix,
    workspace_containment,
)
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.installers.provisioning.pythons import interpreter_for
from pytest_indexcache.run.plays.workspace.workspace_files import WorkspaceFiles
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import after_step, edited
from pytest_indexcache.scenario.tables.steps import Edit, InstallerStep, RemoveVenv, Sync
from pytest_indexcache.system.venvs.environment import Environment

PROMPT: Final = "(indexcache) $ "
_QUIET: Final[Mapping[str, tuple[str, ...]]] = {
    "bash": ("--noprofile", "--norc"),
    "zsh": ("-f",),
    "fish": ("--no-config",),
}
"""For each shell, the options that keep it from reading the user's startup files."""

_SYSTEM_SHELLS: Final = ("/bin/", "/usr/bin/")


@dataclass(frozen=True)
class WorkspaceShell:
    """A shell that is ready to start in the project's folder."""

    workspace: Workspace
    environment: Mapping[str, str]
    words: tuple[str, ...]
    containment: Containment | None

    def run(self) -> int:
        """Run the shell on the terminal of this process, and return its exit code.

        Processes that the shell leaves behind are terminated if the workspace is contained.

        :raises PlayError: if the shell cannot be started
        :raises ContainmentError: if the shell cannot be contained
        """

        def start() -> subprocess.Popen[bytes]:
            folder = self.workspace.folder("project")
            return subprocess.Popen(list(self.words), cwd=folder, env=dict(self.environment))

        with guarded(self.workspace) as end_strays:
            try:
                process = (
                    start()
                    if self.containment is None
                    else start_contained(self.containment, start)
                )
            except OSError as error:
                text = f"{self.words[0]} cannot be started: {error.strerror or error}"
                raise PlayError(text, "name another shell in SHELL") from error
            try:
                return process.wait()
            finally:
                process.kill()
                process.wait()
                end_strays()


def prepare_shell(
    scenario: Scenario, installer: CommandAdapter, workspace: Workspace, network: Network
) -> WorkspaceShell:
    """Write a scenario's project, provision the installer, and return a shell to run it in.

    ``PATH`` begins with a folder that contains the installer under its own name.

    :raises InstallerError: if the installer cannot be provisioned
    :raises CapabilityError: if the installer's release cannot express the project
    """
    dialect = installer.dialect_class(Version(installer.version))
    files = WorkspaceFiles(workspace, installer)
    files.begin(scenario)
    files.write_project(scenario, "project")
    interpreter = interpreter_for(scenario, None)
    supplied = installer.supply()
    end_searches(workspace, dialect.root_files())
    environment = clean_environment(workspace, network, interpreter.executable)
    venv, step = workspace.venv("project", None), Sync(do="sync")
    environment |= dialect.environment(step, venv, interpreter.executable, workspace.cache)
    if dialect.needs_venv(step):
        made = Environment.create(venv, interpreter, cache_home() / "virtualenv")
        environment |= {"PIP_PYTHON": str(made.python)} if dialect.name == "pip" else {}
    place = workspace.home / "bin"
    place.mkdir(exist_ok=True)
    (place / dialect.name).symlink_to(supplied.executable)
    environment["PATH"] = os.pathsep.join((str(place), environment["PATH"]))
    shell = _shell()
    programs = (supplied.executable, python_prefix(interpreter.executable), Path(shell))
    containment = workspace_containment(workspace, *programs, network=network)
    own = {"PS1": PROMPT, "TERM": os.environ.get("TERM", "dumb"), "HISTFILE": ""}
    words = (shell, *_QUIET.get(Path(shell).name, ()))
    return WorkspaceShell(workspace, {**environment, **own}, words, _with_terminal(containment))


def _shell() -> str:
    """Return the shell named in ``SHELL`` if it is in a system folder, otherwise ``sh``."""
    given = os.environ.get("SHELL", "")
    is_of_system = given.startswith(_SYSTEM_SHELLS) and Path(given).is_file()
    shell = given if is_of_system else shutil.which("sh")
    if shell is None:
        raise PlayError("there is no shell on this machine", "name one in SHELL")
    return shell


def _with_terminal(containment: Containment | None) -> Containment | None:
    """Return the containment of a shell, with access to its terminal added."""
    if containment is None or not sys.stdin.isatty():
        return containment
    terminal = Path(os.ttyname(sys.stdin.fileno()))
    return replace(containment, devices=(*containment.devices, Path("/dev/tty"), terminal))


def step_commands(scenario: Scenario, installer: CommandAdapter) -> dict[int, str]:
    """Map the numbers of installer steps to their command lines."""
    dialect = installer.dialect_class(Version(installer.version))
    found, current = {}, scenario
    for number, step in enumerate(scenario.steps, 1):
        if isinstance(step, InstallerStep):
            found[number] = _command(dialect, step, current)
        current = edited(current, step) if isinstance(step, Edit) else after_step(current, step)
    return found


def _command(dialect: Dialect, step: InstallerStep, scenario: Scenario) -> str:
    if isinstance(step, RemoveVenv):
        return "rm -rf .venv"
    try:
        lines = dialect.command_lines(step, scenario)
    except CapabilityError as error:
        return f"# {error.problem}"
    return "; ".join(line.shown(dialect.name) for line in lines)
