"""The uv or pip on this machine that installs releases of installers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pytest_indexcache.installers.provisioning.machine_index import MachineIndex, pip_command


@dataclass(frozen=True)
class InstallSettings:
    """How to install a release.

    Files uploaded after ``before`` are ignored. With ``is_alone``, no dependencies are installed.
    With ``is_built``, distributions without a wheel are built. With ``is_compiled``, uv compiles
    byte code, which it cannot do for Python 3.6.
    """

    before: datetime | None = None
    is_alone: bool = False
    is_built: bool = False
    is_compiled: bool = True

    @property
    def options(self) -> list[str]:
        """The options that uv and pip have in common."""
        alone = ["--no-deps"] if self.is_alone else []
        return alone if self.is_built else [*alone, "--only-binary", ":all:"]


class MachineInstaller(Protocol):
    """A uv or pip on this machine that can install releases."""

    def command(self, requirement: str, python: Path, settings: InstallSettings) -> list[str]:
        """Return the command that installs a requirement into the venv of this Python."""


@dataclass(frozen=True)
class MachineUv:
    """A uv on this machine that was started once to check that it works."""

    executable: Path

    def command(self, requirement: str, python: Path, settings: InstallSettings) -> list[str]:
        """Return the command that installs a requirement into the venv of this Python."""
        compiled = ["--compile-bytecode"] if settings.is_compiled else []
        command = [str(self.executable), "pip", "install", *compiled]
        command += ["--python", str(python), *settings.options]
        if settings.before is not None:
            command += ["--exclude-newer", settings.before.strftime("%Y-%m-%dT%H:%M:%SZ")]
        return [*command, requirement]


@dataclass(frozen=True)
class MachinePip:
    """A pip on this machine; it is only used to install without dependencies.

    The reason is that some releases of pip cannot exclude dependencies by their upload times.
    """

    start: tuple[str, ...]

    def command(self, requirement: str, python: Path, settings: InstallSettings) -> list[str]:
        """Return the command that installs a requirement into the venv of this Python."""
        command = [*self.start, "--python", str(python), "install"]
        return [*command, *settings.options, requirement]


def find_uv(index: MachineIndex) -> MachineUv | None:
    """Find a uv that starts, on PATH or next to the running Python; None if there is none."""
    for path in _candidates():
        try:
            done = subprocess.run(
                [path, "--version"],
                env=index.environment(),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        if done.returncode == 0:
            return MachineUv(Path(path))
    return None


def find_pip() -> MachinePip | None:
    """Find a pip, in the running Python or else on PATH; return None if there is none."""
    command = pip_command()
    return MachinePip(tuple(command)) if command else None


def _candidates() -> Iterator[str]:
    beside = Path(sysconfig.get_path("scripts"))
    for folders in (os.environ.get("PATH", ""), str(beside)):
        found = shutil.which("uv", path=folders)
        if found:
            yield found
