"""``indexcache shell`` on the command line, with an installer of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Machine

FAKE_UV = """\
#!{python} -I
import os, sys, urllib.request
if "--version" in sys.argv:
    print("uv 0.9.4")
else:
    page = urllib.request.urlopen("https://pypi.org/simple/six/")
    print("uv", *sys.argv[1:], page.status, os.path.exists("pyproject.toml"))
"""


def shell(machine: Machine, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a shell whose input is a script."""
    build = machine.folder / "uv"
    build.write_text(FAKE_UV.format(python=sys.executable))
    build.chmod(0o700)
    command = [sys.executable, "-m", "pytest_indexcache", "shell", str(machine.scenario())]
    return subprocess.run(
        [*command, "--installer", f"uv@{build}", *options],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        cwd=machine.folder,
    )


def test_shell_has_project_installer_and_indexes_and_prints_the_ledger(machine: Machine) -> None:
    """A shell starts with the project and the installer, and prints the requests when it ends."""
    ended = shell(machine, "uv sync\necho home $HOME\nexit 3\n")
    assert ended.returncode == 0, ended.stderr
    said, *ledger = ended.stdout.splitlines()
    assert said == "uv sync 200 True"
    assert "indexcache-shell-" in ledger[0]
    assert ledger[1].split()[:5] == ["GET", "200", "page", "pypi", "/simple/six/"]
    assert ledger[-1] == "1 request, 0 downloads, nominally 0 B"
    assert "# step 1: uv sync" in ended.stderr
    assert "# step 2: rm -rf .venv" in ended.stderr
    root = Path(ledger[0].split()[1]).parent
    assert not root.exists()


def test_workspace_of_a_shell_can_be_kept(machine: Machine) -> None:
    """``--keep`` keeps the workspace of a shell and prints its path."""
    ended = shell(machine, "touch mine\n", "--keep")
    assert ended.stdout == "0 requests, 0 downloads, nominally 0 B\n"
    root = Path(ended.stderr.splitlines()[-1].removeprefix("workspace kept in "))
    assert (root / "project" / "mine").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--installer", "reference"], "choose uv, pip, poetry or pdm"),
        (["--installer", "uv@/nowhere"], "there is no such file"),
        (["--installer", "uv", "--step", "9"], "there is no step 9"),
    ],
)
def test_shell_that_cannot_be_opened_is_refused(
    machine: Machine, arguments: list[str], problem: str
) -> None:
    """If no shell can be opened, the error says what to change."""
    ended = machine.run("shell", machine.scenario(), *arguments)
    assert ended.code in (1, 2)
    assert problem in ended.err
