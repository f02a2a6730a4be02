"""Where no venv is, uv starts a Python without the packages of the machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario import loads
from pytest_indexcache.system.pythons.interpreter import running_interpreter

from .grounds import needs_release, play_attack

SCENARIO = """\
title = "A project of the scenario has the name of a package of the machine"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
pip."1.0" = {}
[[steps]]
do = "compile"
requirements = ["six"]
to = "r.txt"
[[steps]]
"""


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("uv run --no-project", ""),
        ("uv run", ""),
        ("uv run --directory ..", ""),
        ("uv run --no-project --with six", ""),
        ("uv run --no-project --python 3", ""),
        ("uv run", '[project]\nname = "a"\nversion = "1"\n[tool.uv]\nmanaged = false\n'),
    ],
)
def test_packages_of_the_machine_are_not_there(
    command: str, files: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Its pip would be started by a program that names the scenario's."""
    needs_release("uv", request)
    python = running_interpreter().executable
    if subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode:
        pytest.skip("this Python has no pip of its own")
    text = SCENARIO + f"command.uv = \"{command} python -c 'import pip; print(pip.__file__)'\"\n"
    text += 'expect = { exit = "failure", output.contains = ["No module named \'pip\'"] }\n'
    if files:
        text += f"[project-files]\nuv = '''\n{files}'''\n"
    result = play_attack(loads(text), "uv", tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.PASSED, result.reason or result.steps


def test_no_other_python_of_the_machine_is_asked_for(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The step names its Python, and ``--python`` no other."""
    needs_release("uv", request)
    text = SCENARIO + "command.uv = \"uv run --python 3.7 python -c 'import pip'\"\n"
    text += 'expect = { exit = "failure" }\n'
    result = play_attack(loads(text), "uv", tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.ERROR
    assert "--python 3.7: the step's Python is" in result.reason
