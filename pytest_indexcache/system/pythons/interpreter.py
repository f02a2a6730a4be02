"""Find a Python interpreter for new venvs, and read its version, markers and tags."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.confinement import Confine, unconfined
from pytest_indexcache.system.json_files import read_json, write_json
from pytest_indexcache.system.pythons.target import Target

_PROGRAM: Final = Path(__file__).with_name("interpreter_facts.py")


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter outside any venv.

    ``target`` contains its version, markers and wheel tags.
    """

    executable: Path
    target: Target

    @property
    def version(self) -> tuple[int, int]:
        """The major and minor version."""
        return self.target.python_version.major, self.target.python_version.minor


def running_interpreter() -> Interpreter:
    """Return the running interpreter; in a venv, return the interpreter the venv is based on."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    return Interpreter(Path(executable), Target.running())


def find_interpreter(
    wanted: str,
    cache: Path,
    environment: Mapping[str, str] = os.environ,
    confine: Confine = unconfined,
) -> Interpreter:
    """Find a Python interpreter by its path, or by a version such as ``3.12``.

    For a version, the running interpreter, ``PATH`` and pyenv are searched. ``cache`` is a folder
    for facts about interpreters. ``confine`` limits the processes that are started.

    :raises UsageError: if no such interpreter is found
    """
    running = running_interpreter()
    if not re.fullmatch(r"3(\.\d+){1,2}", wanted):
        return ask_interpreter(Path(wanted).expanduser().absolute(), cache, confine)
    if _is_version(running, wanted):
        return running
    for executable in _candidates(wanted, environment):
        try:
            found = ask_interpreter(executable, cache, confine)
        except UsageError:  # pyenv has shims also for versions that are not selected
            continue
        if _is_version(found, wanted):
            return found
    raise UsageError(
        f"no Python {wanted} was found on PATH or among the pyenv versions",
        hint="install it, or give the path of its executable",
    )


def _is_version(interpreter: Interpreter, wanted: str) -> bool:
    parts = tuple(int(part) for part in wanted.split("."))
    return interpreter.target.python_version.release[: len(parts)] == parts


def _candidates(wanted: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield executables that may be the wanted Python interpreter.

    Interpreters installed by pyenv are included, but pyenv's shims are not.
    """
    suffix = ".exe" if os.name == "nt" else ""
    pyenv = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(text) for text in environment.get("PATH", "").split(os.pathsep) if text]
    folders = [folder for folder in folders if folder != pyenv / "shims"]
    minor = ".".join(wanted.split(".")[:2])
    yield from (folder / f"python{minor}{suffix}" for folder in folders)
    installed = pyenv.glob("versions/3.*/bin/python")
    matching = (path for path in installed if re.match(rf"{wanted}(?!\d)", path.parts[-3]))
    yield from sorted(matching, key=lambda path: _numbers(path.parts[-3]), reverse=True)
    yield from (folder / f"python3{suffix}" for folder in folders)


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text)]


def ask_interpreter(executable: Path, cache: Path, confine: Confine = unconfined) -> Interpreter:
    """Return the interpreter that an executable starts, with facts about it.

    The facts are in files in the folder ``cache``. Without a cached file, the executable is
    started. Cached facts are valid until the path, size or modification time of the executable
    changes.

    :raises UsageError: if the executable is not a Python interpreter, or is too old
    """
    from hashlib import sha256

    try:
        status = executable.stat()
    except OSError as error:
        raise UsageError(f"there is no Python at {executable}") from error
    mark = f"{executable} {status.st_size} {status.st_mtime_ns} {_program_digest()}"
    if mark not in _answers:
        _answers[mark] = _answer(
            executable, cache / f"{sha256(mark.encode()).hexdigest()[:32]}.json", confine
        )
    answer = _answers[mark]
    if isinstance(answer, str):
        raise UsageError(answer, hint="check that it is Python 3.6 or later")
    return answer


_answers: Final[dict[str, Interpreter | str]] = {}
"""For each executable that this process asked, its facts, or the reason why it cannot be used."""


@functools.cache
def _program_digest() -> str:
    from hashlib import sha256

    return sha256(_PROGRAM.read_bytes()).hexdigest()


def _answer(executable: Path, file: Path, confine: Confine) -> Interpreter | str:
    """Return the interpreter that an executable starts, or the reason why it cannot be used.

    ``file`` caches the result. If the executable is a script, a failure is not cached, because it
    may depend on the environment.
    """
    import subprocess

    from pytest_indexcache.system.pythons.interpreter_tags import tags_of

    answer = read_json(file)
    if "failure" in answer:
        return str(answer["failure"])
    if not answer:
        try:
            answer = _ask(executable, confine)
        except (OSError, subprocess.TimeoutExpired) as error:  # this may succeed at another time
            return f"{executable} did not print which Python it is: {error}"
        except (subprocess.CalledProcessError, ValueError):
            failure = f"{executable} did not print which Python it is"
            if not _is_script(executable):
                write_json(file, {"failure": failure})
            return failure
        write_json(file, answer)
    return Interpreter(Path(answer["executable"]), Target(answer["markers"], tags_of(answer)))


def _ask(executable: Path, confine: Confine) -> dict[str, Any]:
    import subprocess

    command = [str(executable), "-I", "-S", "-c", _PROGRAM.read_text("utf-8")]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    code, said = confine(executable).run(start, limit=60)
    if code:
        raise subprocess.CalledProcessError(code, command)
    answer = loads_json(said)
    if not isinstance(answer, dict) or "markers" not in answer:
        raise ValueError(f"{executable} did not print facts about a Python")
    return answer


def _is_script(executable: Path) -> bool:
    with executable.open("rb") as file:
        return file.read(2) == b"#!"
