"""Create venvs without pip, with virtualenv or with the standard library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.pythons.interpreter import Interpreter

_OLDEST: Final = (3, 8)
"""The oldest Python version for which virtualenv is used."""

_one_at_a_time: Final = Lock()
"""A lock around calls to virtualenv, which may not be thread-safe."""


def make_venv(
    folder: Path, interpreter: Interpreter, app_data: Path, maker: Path | None = None
) -> None:
    """Create a venv without pip in an empty folder.

    ``app_data`` is the folder in which virtualenv caches facts about interpreters. ``maker`` is a
    Python interpreter whose virtualenv is used, if given. If virtualenv fails, the module ``venv``
    is used.

    :raises UsageError: if no venv can be created
    """
    arguments = ["--no-seed", "--no-periodic-update", "--app-data", str(app_data)]
    arguments += ["--python", str(interpreter.executable), str(folder)]
    # The user's settings for virtualenv (VIRTUALENV_*, its ini file) are ignored here.
    settings = {"VIRTUALENV_CONFIG_FILE": os.devnull, "PATH": os.environ.get("PATH", "")}
    try:
        if not _uses_virtualenv(interpreter, maker):
            _start(interpreter.executable, ["venv", "--without-pip", str(folder)], settings)
        elif maker is None:
            import virtualenv

            with _one_at_a_time:
                virtualenv.cli_run(arguments, setup_logging=False, env=settings)
        else:
            _start(maker, ["virtualenv", *arguments], settings)
    except (RuntimeError, OSError, SystemExit) as error:
        # Pythons that virtualenv no longer supports make a venv with their own module venv.
        try:
            _start(interpreter.executable, ["venv", "--without-pip", str(folder)], settings)
        except (RuntimeError, OSError):
            raise UsageError(f"no venv could be made in {folder}: {error}") from error


def _uses_virtualenv(interpreter: Interpreter, maker: Path | None) -> bool:
    """Return whether to use virtualenv rather than the module ``venv``."""
    return maker is not None or interpreter.version >= _OLDEST


def _start(python: Path, arguments: list[str], settings: Mapping[str, str]) -> None:
    """Run a module with a Python interpreter.

    :raises RuntimeError: if the exit code is not 0; the message is the output
    """
    import subprocess

    done = subprocess.run(
        [str(python), "-I", "-m", *arguments],
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout.strip())
