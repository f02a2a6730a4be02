"""What a scenario may not have: anything by which an installer would run a stranger's code."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario.loader import loads

HEAD = """title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.torch."1.0"]
"""
SYNC = '[[steps]]\ndo = "sync"\nexpect = { installed-count = 0 }\n'


def problems(text: str) -> str:
    """Return what is said of a scenario."""
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["project/override.txt", "notes.md", "project/.python-version", "a/uv.lock", "a/b.toml"]
)
def test_files_of_text_are_data(name: str) -> None:
    """Nobody runs them."""
    scenario = loads(f'{HEAD}{SYNC}[files]\n"{name}" = "x = 1"\n')
    assert name in scenario.files


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("project/setup.py", "of a kind that might be run"),
        ("project/evil.pth", "of a kind that might be run"),
        ("project/script", "of a kind that might be run"),
        ("project/.venv/lib/a.txt", "hidden: '.venv'"),
        (".home/.config/uv/uv.toml", "hidden: '.home'"),
    ],
)
@pytest.mark.parametrize("in_edit", [False, True])
def test_files_that_might_be_run_are_refused(name: str, reason: str, in_edit: bool) -> None:
    """Neither at the start nor by an edit."""
    edit = f'[[steps]]\ndo = "edit"\nfiles = {{ "{name}" = "" }}\n'
    text = f"{HEAD}{edit}{SYNC}" if in_edit else f'{HEAD}{SYNC}[files]\n"{name}" = ""\n'
    assert reason in problems(text)


@pytest.mark.parametrize(
    "table",
    [
        '[build-system]\nrequires = []\nbackend-path = ["."]',
        '[tool.pdm.scripts]\npost_install = "evil"',
        "[tool.pdm]\nplugins = []",
        "[tool.poetry.requires-plugins]\na = '*'",
        "[tool.poetry.build]\nscript = 'a.py'",
    ],
)
@pytest.mark.parametrize("place", ["[project-files]\nuv", '[files]\n"theirs/pyproject.toml"'])
def test_project_files_that_run_something_are_refused(table: str, place: str) -> None:
    """In-tree build backends, hooks and plugins are code."""
    text = problems(f"{HEAD}{SYNC}{place} = '''\n{table}\n'''\n")
    assert "would run code that comes with the scenario" in text


@pytest.mark.parametrize(
    "text", ["[project]\nname = 'a'\n[tool.uv]\npackage = false", "[tool", "build-system = 1"]
)
def test_other_project_files_may_be_as_they_are(text: str) -> None:
    """Wrong ones, too: what an installer says of them may be the point."""
    scenario = loads(f"{HEAD}{SYNC}[project-files]\nuv = '''\n{text}'''\n")
    assert scenario.project_files["uv"] == text


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('{ uv = "uv tool run x" }', "steps[1].command.uv: run may only start python -c"),
        ('{ pip = ["sh"] }', "steps[1].command.pip: a command for pip begins with 'pip'"),
    ],
)
def test_commands_are_checked_where_they_stand(command: str, reason: str) -> None:
    """The key path names the installer."""
    step = f"[[steps]]\ncommand = {command}\nexpect = {{ installed-count = 0 }}\n"
    assert reason in problems(HEAD + step)


def test_command_may_import_what_the_scenario_brings() -> None:
    """Projects of the indexes are importable names."""
    step = "[[steps]]\ncommand = { uv = \"uv run python -c 'import torch'\" }\n"
    scenario: Any = loads(HEAD + step + "expect = { installed-count = 0 }\n")
    assert scenario.steps[0].command["uv"].endswith("'import torch'")
