"""Commands for Python and for a shell, run in a workspace with and without containment.

Each attack is a command that exits with 0 if it succeeds. Each is also run without containment,
because a refusal proves nothing about an attack that cannot succeed.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.starts import start_contained

from .grounds import contents_of

SUPPORT = kernel_support()

needs_containment = pytest.mark.skipif(not SUPPORT.can_contain, reason=SUPPORT.words)

SECRET = "the secret of the canary\n"


@dataclass(frozen=True)
class Grounds:
    """A workspace, and a home folder outside it with a canary file."""

    workspace: Path
    home: Path

    @property
    def canary(self) -> Path:
        """Return the file that no attack may read or change."""
        return self.home / "secret"

    def state(self) -> list[tuple[str, bytes | None]]:
        """Return every path of the home folder with its bytes."""
        return contents_of(self.home)

    def run(
        self, *command: str, containment: Containment | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the workspace, contained or not, and return its result."""

        def start() -> subprocess.Popen[str]:
            return subprocess.Popen(
                command,
                cwd=self.workspace,
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        process = start() if containment is None else start_contained(containment, start)
        output, _ = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, output)


def python_command(code: str) -> tuple[str, ...]:
    """Return a command that runs code in this Python."""
    return (sys.executable, "-I", "-S", "-c", f"import os, socket, sys; {code}")


def shell_command(line: str) -> tuple[str, ...]:
    """Return a command that runs a line in a shell."""
    return ("sh", "-c", line)
