"""Real programs, run in the environment of installers, do not see the user's files."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment
from pytest_indexcache.installers.processes.process import run_command

QUESTION = """
import json, netrc, os, pathlib, subprocess, sys, tempfile
try:
    password = netrc.netrc(os.environ["NETRC"]).hosts
except OSError:
    password = "unreadable"
print(json.dumps({
    "home": str(pathlib.Path.home()),
    "expanded": os.path.expanduser("~"),
    "temporary": tempfile.gettempdir(),
    "encoding": [sys.stdout.encoding, sys.getfilesystemencoding()],
    "path": sys.path,
    "writes bytecode": not sys.dont_write_bytecode,
    "netrc": password,
    "python3": os.path.dirname(os.path.realpath(__import__("shutil").which("python3") or "")),
    "grandchild": subprocess.run(
        [sys.executable, "-c", "import os; print(sorted(os.environ))"],
        capture_output=True, text=True,
    ).stdout,
}))
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace in the home of a user whose files are all poisoned."""
    home = tmp_path / "user"
    for path, text in {
        ".netrc": "default login someone password secret\n",
        ".config/pip/pip.conf": "[global]\nindex-url = https://poison.example/simple\n",
        ".gitconfig": "[http]\n\tproxy = http://poison.example\n",
        "modules/sitecustomize.py": "raise SystemExit('poisoned')\n",
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    monkeypatch.setenv("PYTHONPATH", str(home / "modules"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://poison.example/simple")
    monkeypatch.setenv("TMPDIR", str(home))
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def environment(workspace: Workspace) -> dict[str, str]:
    """Return the environment of an installer in the workspace."""
    return clean_environment(workspace, Network(time.time), Path(sys.executable))


def _ask(workspace: Workspace, environment: dict[str, str], *command: str) -> str:
    done = run_command(command, folder=workspace.root, environment=environment)
    assert done.succeeded, done.output
    return done.output


def test_a_python_sees_the_workspace_alone(
    workspace: Workspace, environment: dict[str, str]
) -> None:
    """Python does not use the user's home, temporary folder, modules or netrc; text is UTF-8."""
    seen: dict[str, Any] = json.loads(
        _ask(workspace, environment, sys.executable, "-c", QUESTION).strip()
    )
    assert seen["home"] == seen["expanded"] == str(workspace.home)
    assert Path(seen["temporary"]).is_relative_to(workspace.root)
    assert [name.lower() for name in seen["encoding"]] == ["utf-8", "utf-8"]
    assert not [path for path in seen["path"] if path.endswith("modules")]
    assert seen["netrc"] == {}
    assert not seen["writes bytecode"]
    assert seen["python3"] == str(Path(sys.executable).resolve().parent)
    for name in ("PIP_EXTRA_INDEX_URL", "PYTHONPATH"):
        assert name not in seen["grandchild"]


def test_pip_reads_no_file_of_configuration(
    workspace: Workspace, environment: dict[str, str]
) -> None:
    """In the environment of installers, pip reads no configuration file and knows no index."""
    pytest.importorskip("pip")
    listed = _ask(workspace, environment, sys.executable, "-m", "pip", "config", "list")
    assert {line.partition(".")[0] for line in listed.splitlines()} == {":env:"}
    assert "index" not in listed


def test_git_reads_no_file_of_configuration(
    workspace: Workspace, environment: dict[str, str]
) -> None:
    """In the environment of installers, git reads neither the user's nor the system's settings."""
    git = shutil.which("git", path=environment["PATH"])
    if git is None:
        pytest.skip("git is not on this machine")
    assert "poison" not in _ask(workspace, environment, git, "config", "--list")


def test_git_finds_no_repository_around_the_workspace(
    workspace: Workspace, environment: dict[str, str]
) -> None:
    """Git does not find a repository above the workspace."""
    git = shutil.which("git", path=environment["PATH"])
    if git is None:
        pytest.skip("git is not on this machine")
    around = workspace.root.parent
    assert run_command([git, "init"], folder=around, environment=environment).succeeded
    command, folder = [git, "rev-parse", "--show-toplevel"], workspace.root / "project"
    folder.mkdir()
    assert not run_command(command, folder=folder, environment=environment).succeeded
    del environment["GIT_CEILING_DIRECTORIES"]
    found = run_command(command, folder=folder, environment=environment).output.strip()
    assert Path(found).samefile(around)
