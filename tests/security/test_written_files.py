"""Relative paths in files that an installer wrote, read from the folder of a later step."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario import loads

from .grounds import hostile_project, needs_release, play_attack

HEAD = """\
title = "A path of a deep folder is read in a shallow one"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[local-projects.hostile]
path = "project/hostile"
"""
STEPS = {
    "uv": [
        "uv add --project a/b/c ./hostile",
        "uv export --project a/b/c --no-hashes -o r.txt",
        "uv pip install -r r.txt",
    ],
    "pdm": [
        "pdm add -p a/b/c/d/e --no-self --no-sync -L ../x.lock ./hostile",
        "pdm sync -p a/b --no-self -L ../x.lock",
    ],
}
PROJECTS = {"uv": ["a/b/c"], "pdm": ["a/b", "a/b/c/d/e"]}


def scenario_of(installer: str) -> str:
    """Return the text of a scenario that passes the check."""
    lines = [HEAD, "[files]"]
    for folder in PROJECTS[installer]:
        project = "[project]\nname = 'deep'\nversion = '1'\nrequires-python = '>=3.11'\n"
        project += "dependencies = ['hostile']\n" if folder == "a/b" else ""
        lines.append(f'"project/{folder}/pyproject.toml" = """\n{project}"""')
    for command in STEPS[installer]:
        lines += ["[[steps]]", f'command.{installer} = "{command}"']
        lines.append('expect = { exit = "any", output.lacks = ["there"] }')
    return "\n".join(lines)


@pytest.mark.parametrize("installer", STEPS)
def test_paths_that_an_installer_wrote_stay_inside(
    installer: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A step is not started if a path in a written file leads out of the workspace."""
    needs_release(installer, request)
    ran = tmp_path / "ran"
    backend = f"open({str(ran)!r}, 'w').write('x')\n"
    for path, text in hostile_project(backend, "hostile").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    scenario = loads(scenario_of(installer))
    result = play_attack(scenario, installer, tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.ERROR
    assert "hostile', which leads out of the workspace from " in result.reason
    assert len(result.steps) == len(STEPS[installer]) - 1
    assert not ran.exists()


MONOREPO = """\
title = "A project of a monorepo needs another one"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[files]
"project/packages/app/pyproject.toml" = '''
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["six"]
'''
[local-projects.lib]
path = "libs/lib"
[[steps]]
command.pdm = "pdm add -p packages/app --no-self ../libs/lib"
[[steps]]
command.pdm = "pdm sync -p packages/app --no-self"
expect.output.lacks = ["Error"]
"""
TOOL = """\
title = "A tool with a script is installed"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[[steps]]
command.uv = "uv init --name tool ../x"
[[steps]]
command.uv = "uv build --wheel ../x -o ../x/dist"
[[steps]]
command.uv = "uv tool install --with six ../x/dist/tool-0.1.0-py3-none-any.whl"
[[steps]]
command.uv = "uv tool list"
expect.output.contains = ["tool v0.1.0"]
"""


@pytest.mark.parametrize(("installer", "text"), [("pdm", MONOREPO), ("uv", TOOL)])
def test_paths_that_stay_inside_are_left_alone(
    installer: str, text: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A path with ``..`` in a written file is allowed if it stays in the workspace."""
    needs_release(installer, request)
    result = play_attack(loads(text), installer, tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.PASSED, result.reason or result.steps
