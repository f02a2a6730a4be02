"""Finding a Python that environments can be made from, and asking it what it is."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import packaging

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.json_files import read_json, write_json
from pytest_indexcache.reference.target import Target

_QUESTION: Final = """
import json, sys
sys.path.insert(0, sys.argv[1])
from packaging import markers, tags
print(json.dumps({
    "executable": getattr(sys, "_base_executable", sys.executable),
    "markers": markers.default_environment(),
    "tags": [str(tag) for tag in tags.sys_tags()],
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python outside any venv, and what packages must be chosen for."""

    executable: Path
    target: Target

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        return self.target.python_version.major, self.target.python_version.minor


def running_interpreter() -> Interpreter:
    """Describe the Python that runs this, or the one that its venv was made from."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    return Interpreter(Path(executable), Target.running())


def find_interpreter(
    wanted: str, cache: Path, environment: Mapping[str, str] = os.environ
) -> Interpreter:
    """Find the Python that is meant by a path or by a version such as ``3.12``.

    A version is looked for among the running Python, ``PATH`` and the versions of pyenv. ``cache``
    is the folder in which the answers of Pythons are kept.

    :raises UsageError: if there is none
    """
    running = running_interpreter()
    if not re.fullmatch(r"3(\.\d+){1,2}", wanted):
        return ask_interpreter(Path(wanted).expanduser().absolute(), cache)
    if _is_version(running, wanted):
        return running
    for executable in _candidates(wanted, environment):
        try:
            found = ask_interpreter(executable, cache)
        except UsageError:  # a shim of pyenv stands there for versions that are not chosen
            continue
        if _is_version(found, wanted):
            return found
    raise UsageError(
        f"no Python {wanted} was found on PATH or among the versions of pyenv",
        hint="install it, or give the path of its executable",
    )


def _is_version(interpreter: Interpreter, wanted: str) -> bool:
    parts = tuple(int(part) for part in wanted.split("."))
    return interpreter.target.python_version.release[: len(parts)] == parts


def _candidates(wanted: str, environment: Mapping[str, str]) -> Iterator[Path]:
    suffix = ".exe" if os.name == "nt" else ""
    folders = [Path(text) for text in environment.get("PATH", "").split(os.pathsep) if text]
    pyenv = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")
    minor = ".".join(wanted.split(".")[:2])
    yield from (folder / f"python{minor}{suffix}" for folder in folders)
    yield from sorted(pyenv.glob(f"versions/{wanted}*/bin/python"), reverse=True)
    yield from (folder / f"python3{suffix}" for folder in folders)


def ask_interpreter(executable: Path, cache: Path) -> Interpreter:
    """Start a Python and ask what it is; its answer is kept in the folder ``cache``.

    An answer holds as long as path, size and time of change of the executable stay the same.

    :raises UsageError: if it is no Python, or one that is too old to be asked
    """
    from hashlib import sha256

    try:
        status = executable.stat()
    except OSError as error:
        raise UsageError(f"there is no Python at {executable}") from error
    mark = f"{executable} {status.st_size} {status.st_mtime_ns} {packaging.__version__}"
    file = cache / f"{sha256(mark.encode()).hexdigest()[:32]}.json"
    answer = read_json(file)
    if not answer.keys() >= {"executable", "markers", "tags"}:
        answer = _ask(executable)
        write_json(file, answer)
    return Interpreter(Path(answer["executable"]), Target(answer["markers"], tuple(answer["tags"])))


def _ask(executable: Path) -> dict[str, Any]:
    import subprocess

    ours = Path(packaging.__file__).parent.parent
    command = [str(executable), "-I", "-S", "-c", _QUESTION, str(ours)]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=60, stdin=subprocess.DEVNULL
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UsageError(
            f"{executable} does not say what Python it is", hint="is it a Python 3.8 or later?"
        ) from error
    return answer
