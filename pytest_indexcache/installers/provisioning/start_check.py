"""Start an installer, to check that it works and to get its version."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from packaging.version import InvalidVersion, Version

from pytest_indexcache.errors import InstallerStartError
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment
from pytest_indexcache.installers.processes.process import Finished, run_command

START_SECONDS: Final = 60.0

_TAIL_LINES: Final = 12


def demand_start(spec: str, executable: Path, hint: str) -> str:
    """Run an installer with ``--version``, and return its output.

    :raises InstallerStartError: if the installer cannot be started, fails, or does not end
    """
    try:
        done = _ask_version(executable)
    except InstallerStartError as error:
        raise InstallerStartError(spec, f"{executable}: {error.problem}", error.hint) from error
    if not done.succeeded:
        raise InstallerStartError(spec, _did_not_start(executable, done), hint)
    return done.output


def ask_version(name: str, spec: str, executable: Path) -> str:
    """Run an installer with ``--version``, and return the version that it prints.

    :raises InstallerStartError: if the installer does not start, or prints no version
    """
    output = demand_start(spec, executable, "run it by hand, and fix the problem that it reports")
    version = read_version(output)
    if version is None:
        raise InstallerStartError(
            spec,
            with_tail(f"{executable} --version printed no version", output),
            f"is it {name}?",
        )
    return version


def read_version(output: str) -> str | None:
    """Return the first version in the output of ``--version``.

    Examples are ``uv 0.8.11 (f892276ac 2025-08-14)``, ``pip 25.2 from …``, ``Poetry (version
    2.1.4)``, ``PDM, version 2.25.5``.
    """
    for match in re.finditer(r"(?<![\w.])\d+(?:\.\d+)+[\w.+!-]*", output):
        try:
            return str(Version(match[0].rstrip(".")))
        except InvalidVersion:
            continue
    return None


def tail(output: str) -> str:
    """Return the last lines of a command's output, each prefixed with ``|``."""
    lines = output.strip().splitlines()[-_TAIL_LINES:]
    return "\n".join(f"  | {line}" for line in lines)


def with_tail(problem: str, output: str) -> str:
    """Return the problem, followed by the last lines of the output, if there is any output."""
    quoted = tail(output)
    return f"{problem}\n{quoted}" if quoted else problem


def _ask_version(executable: Path) -> Finished:
    python = Path(getattr(sys, "_base_executable", None) or sys.executable)
    with TemporaryDirectory(prefix="indexcache-", ignore_cleanup_errors=True) as root:
        workspace = Workspace(Path(root))
        environment = clean_environment(workspace, Network(time.time), python)
        command = [str(executable), "--version"]
        folder = workspace.root
        return run_command(command, folder=folder, environment=environment, limit=START_SECONDS)


def _did_not_start(executable: Path, done: Finished) -> str:
    if done.timed_out:
        return f"{executable} --version did not end within {START_SECONDS:.0f} seconds"
    how = f"was ended by {done.killed_by}" if done.killed_by else f"gave {done.exit_code}"
    return with_tail(f"it does not start: {executable} --version {how}", done.output)
