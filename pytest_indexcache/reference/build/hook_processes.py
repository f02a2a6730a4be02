"""Processes in which hooks of build backends run: a venv's Python, or one that sees no packages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.system.confinement import Confine, unconfined

RunHook = Callable[[Sequence[str], str | None, Mapping[str, str], Path, "Written"], None]
"""Runs a script by its arguments, in a folder, with variables; its output goes to a file.

What comes last is all that it may write in, where there are walls around it.

:raises subprocess.CalledProcessError: if it ends with anything but 0
:raises OSError: if there is no process for it
"""


@dataclass(frozen=True)
class Written:
    """The folders in which a hook writes: those of the project, and those made for the hook."""

    named: tuple[Path, ...] = ()
    made: tuple[Path, ...] = ()


def without_packages(python: Path, confine: Confine = unconfined) -> RunHook:
    """Return a function that runs hooks with a Python that sees its standard library alone.

    ``confine`` puts walls around them.
    """
    return _in_process_of(python, confine, "-S")


def of_venv(python: Path, confine: Confine = unconfined) -> RunHook:
    """Return a function that runs hooks with a venv's Python, within walls by ``confine``."""
    return _in_process_of(python, confine)


def _in_process_of(python: Path, confine: Confine, *flags: str) -> RunHook:
    def run(
        arguments: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        output: Path,
        writes: Written,
    ) -> None:
        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [str(python), *flags, *arguments],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

        with output.open("ab") as file:
            code, _ = confine(python, writes.named, writes.made).run(start)
        if code:
            raise subprocess.CalledProcessError(code, list(arguments))

    return run
