"""A venv or project in a folder above the workspace is neither changed nor read."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario import loads
from pytest_indexcache.system.pythons.interpreter import running_interpreter
from pytest_indexcache.system.venvs.environment import Environment

from .grounds import contents_of, needs_release, play_attack

COMMANDS = {
    "uv": (
        *("uv --directory ../foo pip install six", "uv --directory ../foo pip uninstall canary"),
        *("uv --directory ../foo pip list", "uv --directory ../foo pip sync r.txt"),
        *("uv --directory ../foo pip compile --no-build-isolation r.txt", "uv python find"),
        *("uv --directory ../foo python find", "uv --directory ../foo run --no-project python -V"),
    ),
    "poetry": ("poetry -C ../foo env info", "poetry -C ../foo install --no-root"),
    "pdm": ("pdm info -p ../foo", "pdm sync -p ../foo", "pdm list -p ../foo"),
}
"""Commands that work in a folder without a venv."""

SCENARIO = """\
title = "Commands work in a folder without a venv"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
canary."1.0" = {}
[files]
"foo/r.txt" = "six"
"foo/pyproject.toml" = '''
[project]
name = "foo"
version = "1"
requires-python = ">=3.8"
dependencies = ["six"]
[tool.pdm]
distribution = false
'''
"""

ROOTS = {
    "of a file": """\
        [files]
        "pyproject.toml" = "[project]\\nname = 'a'\\nversion = '1'\\nrequires-python = '>=3.8'"
        [[steps]]
        command.uv = "uv --directory .. sync"
        expect = { exit = "any", output.lacks = ["there"] }
        """,
    "of a replaced text": """\
        [project]
        dependencies = ["six"]
        [[steps]]
        do = "lock"
        [[steps]]
        do = "edit"
        replace-text."pyproject.toml" = { old = "[tool.uv]\\nmanaged = false\\n", new = "" }
        [[steps]]
        command.uv = "uv --directory .. sync"
        expect = { exit = "any", output.lacks = ["there"] }
        """,
    "of an empty file": """\
        [files]
        "pyproject.toml" = ""
        [project]
        dependencies = ["six"]
        [[steps]]
        do = "lock"
        expect.lockfile = "changed"
        """,
}
"""Scenarios with a project file of their own in the workspace's root."""


@pytest.mark.parametrize("installer", COMMANDS)
def test_venv_above_the_workspace_is_not_taken(
    installer: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No installer starts, changes or lists a venv above the workspace."""
    needs_release(installer, request)
    venv = Environment.create(tmp_path / ".venv", running_interpreter(), tmp_path / "app-data")
    information = venv.site_packages / "canary-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: canary\nVersion: 1.0\n")
    (information / "RECORD").write_text("canary-1.0.dist-info/METADATA,,\n")
    started = tmp_path / "started"
    venv.python.unlink()
    venv.python.write_text(
        f"#!/bin/sh\n: > {started}\nexec {os.path.realpath(sys.executable)} $@\n"
    )
    venv.python.chmod(0o755)
    before = contents_of(tmp_path / ".venv")
    text = SCENARIO
    for command in COMMANDS[installer]:
        text += f'[[steps]]\ncommand.{installer} = "{command}"\n'
        text += 'expect = { exit = "any", output.lacks = ["canary 1.0"] }\n'
    result = play_attack(loads(text), installer, tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.PASSED, result.reason or result.steps
    assert contents_of(tmp_path / ".venv") == before
    assert not started.exists()
    assert not any(str(venv.python) in step.output for step in result.steps)


@pytest.mark.parametrize("root", ROOTS)
def test_project_above_the_workspace_is_not_taken(
    root: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A play in which uv finds a project above the workspace is an error."""
    needs_release("uv", request)
    project = '[tool.uv]\nindex-url = "https://user:secret@example.org/simple"\n'
    project += '[tool.uv.workspace]\nmembers = ["play"]\n'
    (tmp_path / "pyproject.toml").write_text(project)
    text = SCENARIO.partition("[files]")[0] + dedent(ROOTS[root])
    result = play_attack(loads(text), "uv", tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.ERROR
    assert f"and finds {tmp_path / 'pyproject.toml'}" in result.reason
    assert {path.name for path in tmp_path.iterdir()} == {"pyproject.toml", "play"}
    assert not any("secret" in step.output for step in result.steps)
