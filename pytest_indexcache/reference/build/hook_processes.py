"""Processes in which hooks of build backends run."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_indexcache.system.confinement import Confine, unconfined


def run_hook(
    python: Sequence[str],
    arguments: Sequence[str],
    folder: str | None,
    variables: Mapping[str, str],
    output: Path,
    *,
    confine: Confine = unconfined,
    named: Sequence[Path] = (),
    made: Sequence[Path] = (),
) -> None:
    """Run a script by a Python, which its options follow; its output goes to a file.

    ``confine`` puts walls around it: it writes in the folders alone that are ``named`` by the user
    or ``made`` for the hook.

    :raises subprocess.CalledProcessError: if it ends with anything but 0
    :raises OSError: if there is no process for it
    """

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*python, *arguments],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )

    with output.open("ab") as file:
        code, _ = confine(Path(python[0]), named, made).run(start)
    if code:
        raise subprocess.CalledProcessError(code, list(arguments))
