"""Import names with a venv's Python; no other module runs code from a venv.

Starting Python takes longer than most steps of a play. Therefore, on systems with fork, one process
is kept waiting for each Python interpreter from which venvs were created. This process has not
looked for site-packages yet. Each of its forks continues like a venv's own Python: ``site`` finds
the venv's folders and follows their ``.pth`` files. Since every request gets a new fork, no state
from one venv is left for the next.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.contract.installer import Workspace
from pytest_indexcache.installers.processes.isolation import bare_environment
from pytest_indexcache.installers.processes.play_processes import (
    confinement_of,
    fork_containment,
    python_prefix,
    workspace_containment,
)
from pytest_indexcache.installers.processes.waiting_program import UNCONFINED
from pytest_indexcache.installers.processes.waiting_python import CAN_WAIT, waiting_python
from pytest_indexcache.system.confinement import Confinement

LIMIT_SECONDS: Final = 60.0
"""The time limit for the imports in one step, in seconds."""

_PROGRAM: Final = Path(__file__).with_name("import_program.py")


@contextmanager
def importing(
    venv: Path,
    names: Sequence[str],
    workspace: Workspace | None = None,
    pythons: frozenset[Path] = frozenset(),
) -> Iterator[Callable[[], dict[str, Any]]]:
    """Start importing names with a venv's Python, and yield a function that waits for the values.

    If a name cannot be imported, its value is the text of the error. In a contained workspace, the
    imported code cannot read or write outside the workspace. Of the interpreters outside the
    workspace, only ``pythons`` can be used, even if the venv has a link to a different one.

    :raises PlayError: if Python does not start or, when the function is called, does not end in
        time
    """
    python = python_of(venv)
    if not names or not python.exists():
        yield lambda: dict.fromkeys(names, "there is no venv")
        return
    base = python.resolve()
    is_known = base in pythons
    containment = _containment(workspace, base if is_known else None)
    alone: Callable[[], Any] = partial(_answer_of, python, names, confinement_of(containment))
    answer = alone
    with ExitStack() as under_way:
        may_wait = is_known or containment is None
        if CAN_WAIT and may_wait and not base.is_relative_to(venv.resolve()):
            forks = fork_containment(containment)
            waiting = waiting_python(base, _PROGRAM, forks)
            request = str(venv), str(python), *names
            asking = waiting.asking(*request, limit=LIMIT_SECONDS, limits=forks.limits)
            with _import_errors(names):
                answer = under_way.enter_context(asking)
        yield partial(_values, names, answer, alone)


def _containment(workspace: Workspace | None, base: Path | None) -> Containment | None:
    """Return the containment for imports in a venv, or None if the workspace is not contained.

    ``base`` is the Python interpreter from which the venv was created, or None if it is not known.
    """
    if workspace is None or not workspace.is_contained:
        return None
    programs = () if base is None else (python_prefix(base),)
    return workspace_containment(workspace, *programs, is_read_only=True)


def _values(
    names: Sequence[str], answer: Callable[[], Any], alone: Callable[[], Any]
) -> dict[str, Any]:
    with _import_errors(names):
        values = answer()
        if values == UNCONFINED:
            values = alone()
    # If the process was killed, only its exit code is known.
    return values if isinstance(values, dict) else dict.fromkeys(names, "Python crashed")


@contextmanager
def _import_errors(names: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise PlayError(
            f"the venv's Python could not import {', '.join(names)}: {error}"
        ) from error


def python_of(venv: Path) -> Path:
    """Return the path of a venv's Python interpreter."""
    windows = venv / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else venv / "bin" / "python"


def _answer_of(python: Path, names: Sequence[str], confinement: Confinement) -> Any:
    """Import the names in a new Python process, and return its output parsed from JSON."""
    program = _PROGRAM.read_text("utf-8")

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(python), "-I", "-c", f"{program}\nanswer_once()", *names],
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    with confinement.start(start) as process:
        try:
            answer, _ = process.communicate(timeout=LIMIT_SECONDS)
        finally:
            process.kill()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return loads_json(answer)
