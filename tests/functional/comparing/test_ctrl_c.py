"""Ctrl-C at any moment of a command that runs in a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")

MODULE = ("-m", "pytest_indexcache")
SCRIPT = (str(Path(sys.executable).with_name("indexcache")),)
WAITS = ("import", "-")
"""A command that reads stdin, which stays open, so that it runs until Ctrl-C."""

FIRST = "argparse"
"""The first module that a command imports after it has begun to handle Ctrl-C."""


def interrupted(start: tuple[str, ...], module: str, delay: float = 0.0) -> tuple[int, str]:
    """Start a command, interrupt it after it has imported a module, and return code and stderr.

    ``delay`` is the number of seconds between the import and Ctrl-C.
    """
    command = [sys.executable, "-X", "importtime", *start, *WAITS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.rpartition("|")[2].strip() == module:
                break
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        lines = [line for line in process.stderr if not line.startswith("import time:")]
    return process.returncode, "".join(lines)


@pytest.mark.parametrize("start", [MODULE, SCRIPT], ids=["module", "script"])
@pytest.mark.parametrize(
    "module",
    [FIRST, "pydantic", "pytest_indexcache.scenario.model", "pytest_indexcache.cli.commands"],
)
def test_interrupt_while_modules_are_imported(start: tuple[str, ...], module: str) -> None:
    """Ctrl-C during the imports of a command ends it with one line and exit code 130."""
    assert interrupted(start, module) == (130, "indexcache: interrupted\n")


@pytest.mark.parametrize("start", [MODULE, SCRIPT], ids=["module", "script"])
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_interrupt_after_some_time(start: tuple[str, ...], delay: float) -> None:
    """Ctrl-C shortly after the start ends a command with one line and exit code 130."""
    assert interrupted(start, FIRST, delay) == (130, "indexcache: interrupted\n")


def test_interrupt_is_ignored_below_nohup() -> None:
    """A command whose parent process ignores Ctrl-C ignores it, too."""
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "from pytest_indexcache.cli import main; sys.argv = ['indexcache', '--version']; "
        "import threading; threading.Timer(0, signal.raise_signal, [signal.SIGINT]).start(); main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("delay", [1.0, 1.4, 1.8, 2.2])
def test_interrupt_while_workers_start(tmp_path: Path, delay: float) -> None:
    """Ctrl-C in a terminal, which also reaches workers that are importing, shows no traceback."""
    store = ("--store", str(tmp_path / "plays.sqlite"))
    command = [sys.executable, *MODULE, "matrix", "15303", "--installer", "reference", *store]
    pipe, merged = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        command, stdout=pipe, stderr=merged, text=True, start_new_session=True
    ) as process:
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        shown, _ = process.communicate(timeout=60)
    assert "Traceback" not in shown
