"""Importing names with a venv's Python: the one thing here that runs code of a venv.

Starting a Python takes longer than most steps of a play. So, where there is fork, one process is
kept for each Python that venvs are made from. It waits as that Python is before it looks for
site-packages, and a fork of it goes on as the venv's own Python would: ``site`` finds the venv's
folders, follows their ``.pth`` files, and nothing of one venv is left for the next.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import PlayError
from pytest_indexcache.reference.installing.waiting_python import CAN_WAIT, waiting_python

LIMIT_SECONDS: Final = 60.0
"""How long the imports of one step may take."""

_PROGRAM: Final = """\
import importlib, json, os, site, sys, traceback

# Who looks at a venv changes nothing in it: byte code is good for as long as the second of a change
# and the size are the same, and the next build of a release may have both.
sys.dont_write_bytecode = True

def value_of(dotted):
    parts, failure = dotted.split("."), None
    for depth in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:depth]))
            for part in parts[depth:]:
                value = getattr(value, part)
        except (ImportError, AttributeError) as error:
            failure = f"{type(error).__name__}: {error}"
            continue
        plain = isinstance(value, (str, int, float, bool, type(None)))
        return value if plain else "module " + getattr(value, "__name__", "?")
    return failure

def values_of(names):
    try:
        return {dotted: value_of(dotted) for dotted in names}
    except BaseException as error:
        failure = traceback.format_exception_only(type(error), error)[-1].strip()
        return dict.fromkeys(names, failure)

def work(venv, python, *names):
    sys.prefix = sys.exec_prefix = venv
    sys.executable = python
    site.main()
    return values_of(names)
"""

_ONCE: Final = f"""\
{_PROGRAM}
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
print(json.dumps(values_of(sys.argv[1:])), file=answers)
"""


def import_values(venv: Path, names: Sequence[str]) -> dict[str, Any]:
    """Import dotted names with a venv's Python and return their values; errors come as text.

    :raises PlayError: where Python does not start or does not end in time
    """
    python = python_of(venv)
    if not python.exists():
        return dict.fromkeys(names, "there is no venv")
    base = python.resolve()
    try:
        if CAN_WAIT and not base.is_relative_to(venv.resolve()):
            waiting = waiting_python(base, _PROGRAM)
            values = waiting.ask(str(venv), str(python), *names, limit=LIMIT_SECONDS)
        else:
            values = json.loads(_output(python, names))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise PlayError(
            f"the venv's Python could not import {', '.join(names)}: {error}"
        ) from error
    # Whoever ends the process says nothing but an exit code.
    return values if isinstance(values, dict) else dict.fromkeys(names, "Python broke down")


def python_of(venv: Path) -> Path:
    """Return the path of a venv's Python."""
    windows = venv / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else venv / "bin" / "python"


def _output(python: Path, names: Sequence[str]) -> str:
    """Start a Python that answers once, and return its answer."""
    return subprocess.run(
        [str(python), "-I", "-c", _ONCE, *names],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    ).stdout
