"""Run each hook of a build backend in its own process."""

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
    """Run a build script in its own process, and append its output to the file ``output``.

    ``python`` is the path of a Python, followed by options. ``confine`` restricts the process. The
    process can write only to the folders that the user specified (``named``) and to those that were
    created for the hook (``made``).

    :raises subprocess.CalledProcessError: if the script exits with a code other than 0
    :raises OSError: if the process cannot be started
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
