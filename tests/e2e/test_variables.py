"""Environment variables that a step sets for real installers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import loads

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

SCENARIO = """
title = "A variable says which index is asked"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.17.0"]
[indexes.other]
url = "https://other.example/simple"
users = {{ me = "secret" }}
[indexes.other.packages.six."1.15.0"]
[[steps]]
command = {{ {installer} = "{command}" }}
env = {{ {variables} }}
expect = {{ installed = {{ six = "1.15.0" }}, requests-to.other = {{ wheel = 1 }} }}
"""
POETRY = """
[project-files]
poetry = '''
[project]
name = "project"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["six"]
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "other"
url = "https://other.example/simple"
'''
"""
PDM = """
[project-files]
pdm = '''
[project]
name = "project"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["six"]
[tool.pdm]
distribution = false
'''
"""
URL = "https://me:{password}@other.example/simple"
CASES = {
    "uv==0.8.11": ("uv pip install six", f'UV_DEFAULT_INDEX = "{URL}"', ""),
    "pip==26.3": ("pip install six", f'PIP_INDEX_URL = "{URL}"', ""),
    "poetry==2.5.1": (
        "poetry install",
        'POETRY_HTTP_BASIC_OTHER_USERNAME = "me", POETRY_HTTP_BASIC_OTHER_PASSWORD = "{password}"',
        POETRY,
    ),
    "pdm==2.29.4": ("pdm install", f'PDM_PYPI_URL = "{URL}"', PDM),
}


@pytest.mark.parametrize("spec", CASES)
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_variable_takes_effect(
    spec: str, password: str, tmp_path: Path, playing_gateway: Gateway
) -> None:
    """A variable with an index URL makes the installer use that index and its password."""
    command, variables, tables = CASES[spec]
    variables = variables.format(password=password)
    name = spec.partition("=")[0]
    text = SCENARIO.format(installer=name, command=command, variables=variables)
    lines = text.split("[[steps]]")
    scenario = loads(f"{lines[0]}{tables}[[steps]]{lines[1]}")
    what = Play(
        scenario,
        "variables",
        create_installer(spec),
        on_the_wire(playing_gateway, time.time),
        "wire",
    )
    result = play(what, tmp_path / "play")
    expected = Verdict.PASSED if password == "secret" else Verdict.FAILED
    assert result.verdict == expected, (result.reason, result.steps[-1].output)
    first = variables.partition(" ")[0]
    assert result.steps[-1].command.startswith(f"{first}=")
