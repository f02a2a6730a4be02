"""Commands whose output is piped to a program that stops reading."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes are those of POSIX")


@pytest.mark.parametrize("words", [("list", "scenarios"), ("schema",)])
def test_command_ends_without_a_traceback(words: tuple[str, ...]) -> None:
    """If the reader of its output has gone, a command ends silently with exit code 1."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "pytest_indexcache", *words]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
