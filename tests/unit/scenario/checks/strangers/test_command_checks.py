"""Commands of a scenario, checked where they stand."""

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
    with pytest.raises(ScenarioError) as caught:
        loads(HEAD + step)
    assert reason in str(caught.value)


def test_command_may_import_what_the_scenario_brings() -> None:
    """Projects of the indexes are importable names."""
    step = "[[steps]]\ncommand = { uv = \"uv run python -c 'import torch'\" }\n"
    scenario: Any = loads(HEAD + step + "expect = { installed-count = 0 }\n")
    assert scenario.steps[0].command["uv"].endswith("'import torch'")
