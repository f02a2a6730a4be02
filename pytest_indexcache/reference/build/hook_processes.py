"""Processes in which hooks of build backends run: a venv's Python, or one that sees no packages.

A hook is a few milliseconds of work, and starting a Python is many. So, where there is fork, a
Python without site-packages is kept for the backends that need none: a fork of it runs the hook.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_indexcache.system.confinement import Confine, unconfined
from pytest_indexcache.system.waiting_python import CAN_WAIT, UNCONFINED, waiting_python

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


_PROGRAM: Final = """\
import atexit, base64, functools, glob, hashlib, importlib.machinery, os, pathlib, re
import shutil, sys, traceback, warnings, zipfile

sys.dont_write_bytecode = True

@functools.lru_cache()  # the parentheses are for Python 3.7
def compiled(script, text):
    return compile(text, script, "exec")

def code_of(script):
    return compiled(script, pathlib.Path(script).read_bytes())

def run(code):
    try:
        exec(code, {"__name__": "__main__", "__file__": sys.argv[0]})
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

def work(arguments, folder, variables, output):
    code = code_of(arguments[0])
    os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), 1)
    os.dup2(1, 2)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.argv = arguments
    status = run(code)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status
"""


def without_packages(python: Path, confine: Confine = unconfined) -> RunHook:
    """Return what runs hooks with a Python that sees its standard library and nothing else.

    ``confine`` puts walls around them.
    """
    alone = _in_process_of(python, confine, "-S")
    return _in_fork_of(python.resolve(), confine, alone) if CAN_WAIT else alone


def of_venv(python: Path, confine: Confine = unconfined) -> RunHook:
    """Return what runs hooks with a venv's Python; ``confine`` puts walls around them."""
    return _in_process_of(python, confine)


def _in_fork_of(base: Path, confine: Confine, alone: RunHook) -> RunHook:
    def run(
        arguments: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        output: Path,
        writes: Written,
    ) -> None:
        # It is compiled once, and not in each fork.
        script = arguments[0]
        walls = confine(base, writes.named, writes.made)
        if not walls.can_wait:
            alone(arguments, folder, variables, output, writes)
            return
        waiting = waiting_python(base, f"{_PROGRAM}\ncode_of({script!r})", walls)
        request = list(arguments), folder or ".", dict(variables), str(output)
        code = waiting.ask(*request, limits=walls.limits)
        if code == UNCONFINED:
            alone(arguments, folder, variables, output, writes)
        elif code:
            raise subprocess.CalledProcessError(code, list(arguments))

    return run


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
