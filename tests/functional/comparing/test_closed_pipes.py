"""Commands whose output cannot be written: closed, without a reader, or on a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes are those of POSIX")

VERBS = [("list", "scenarios"), ("schema",), ("play", "15303-cpu"), ("--help",)]


def in_a_shell(script: str, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a command, which is ``"$@"`` in a script of the shell."""
    command = [sys.executable, "-m", "pytest_indexcache", *words]
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_command_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], unbuffered: str
) -> None:
    """If the reader of a command's output has ended, the command ends silently with a fixed code.

    The code is 129 for ``play``, for which 1 means that a release misbehaves, and 1 otherwise.
    """
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "pytest_indexcache", *words]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (129 if words[0] == "play" else 1, "")


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
@pytest.mark.parametrize(
    ("output", "why"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
def test_output_that_cannot_be_written_is_one_error(
    output: str, why: str, words: tuple[str, ...]
) -> None:
    """If the disk is full or the output is closed, a command reports one error and exits."""
    if output == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    done = in_a_shell(f'"$@" {output}', words)
    assert done.returncode == (129 if words[0] == "play" else 2)
    assert done.stderr.splitlines() == [
        f"indexcache: standard output cannot be written: {why}",
        "  hint: check free space, or send the output elsewhere",
    ]


@pytest.mark.parametrize("output", ["2>/dev/full", "2>&-"])
def test_messages_that_cannot_be_written_change_nothing_else(output: str) -> None:
    """If its messages cannot be written, a command has the same output and exit code."""
    if output == "2>/dev/full" and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    assert in_a_shell(f'"$@" {output}', ("show", "nonesuch")).returncode == 2
    shown = in_a_shell(f'"$@" {output}', ("play", "15303-cpu"))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "every expectation of 3 steps holds" in shown.stdout
