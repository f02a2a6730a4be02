"""Installers without a venv start a Python that has none of the machine's packages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario import loads
from pytest_indexcache.system.pythons.interpreter import running_interpreter

from .grounds import needs_release, play_attack, unchecked

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
    """A program that runs without a venv cannot import the machine's pip."""
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
    """A ``--python`` that differs from the step's Python is an error."""
    needs_release("uv", request)
    text = SCENARIO + "command.uv = \"uv run --python 3.7 python -c 'import pip'\"\n"
    text += 'expect = { exit = "failure" }\n'
    result = play_attack(loads(text), "uv", tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.ERROR
    assert "--python 3.7: the step's Python is" in result.reason


LOST = {
    "poetry": ("poetry -C ../x run", "x/.venv/README"),
    "pdm": ("pdm run -p ../x", "x/__pypackages__/README"),
}
"""Commands in a project whose venv the installer rejects, with the file that makes it do so."""


@pytest.mark.parametrize("installer", LOST)
def test_the_first_python_on_path_has_no_packages(
    installer: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installer without a venv starts the bare Python in the play's folder."""
    needs_release(installer, request)
    places = "pytest_indexcache.run.plays.workspace.own_places"
    monkeypatch.setattr(f"{places}.demand_own_python", lambda *_: None)
    command, file = LOST[installer]
    code = "import sys; print(sys.prefix)"
    steps = [{"command": {installer: [*command.split(), "python", "-c", code]}}]
    project = "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.11'\n"
    project += "[tool.poetry]\npackage-mode = false\n"
    files = {file: "x", "x/python/README": "x", "x/pyproject.toml": project}
    dialect = "pytest_indexcache.installers.commands.dialect.split_command"
    monkeypatch.setattr(dialect, lambda _, words, *__: tuple(words[1:]))
    result = play_attack(unchecked(steps, files), installer, tmp_path, ContainmentMode.OFF)
    (step,) = result.steps
    assert str(tmp_path / "play") in step.output, result.reason


def test_what_is_installed_into_the_bare_python_is_gone_with_the_next_step(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A package that ``uv pip`` installs into the bare Python is removed before the next step."""
    needs_release("uv", request)
    text = SCENARIO + 'command.uv = "uv --directory ../other pip install six"\n[[steps]]\n'
    text += "command.uv = \"uv run --no-project python -c 'import six'\"\n"
    text += 'expect = { exit = "failure", output.contains = ["No module named \'six\'"] }\n'
    text += '[files]\n"other/README" = "x"\n'
    result = play_attack(loads(text), "uv", tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.PASSED, result.reason or result.steps
