"""Checks of the verbatim commands of a scenario."""

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
        ('{ uv = "uv tool run x" }', "steps[1].command.uv: run can only start python -c"),
        ('{ pip = ["sh"] }', "steps[1].command.pip: a command for pip begins with 'pip'"),
    ],
)
def test_commands_are_checked_where_they_stand(command: str, reason: str) -> None:
    """The key path of a forbidden command includes the installer."""
    step = f"[[steps]]\ncommand = {command}\nexpect = {{ installed-count = 0 }}\n"
    with pytest.raises(ScenarioError) as caught:
        loads(HEAD + step)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "antigravity.x",
            "a scenario cannot import antigravity: none of its projects has this module",
        ),
        ("test.__main__", "a scenario cannot import test: none of its projects has this module"),
        ("torch.__loader__.name", "a scenario cannot import __loader__ of torch"),
        ("torch._private", "a scenario cannot import _private of torch"),
    ],
)
def test_nothing_is_imported_but_what_the_scenario_brings(name: str, reason: str) -> None:
    """A command must not import standard library modules, because an import may run a program."""
    steps = (
        f'[[steps]]\ndo = "run"\nimport = ["torch", "{name}"]\n',
        f'[[steps]]\ndo = "sync"\nexpect = {{ imports = {{ "{name}" = 1 }} }}\n',
    )
    with pytest.raises(ScenarioError) as caught:
        loads(HEAD + "".join(steps))
    assert f"steps[1].import[2]: {reason}" in str(caught.value)
    assert f'steps[2].expect.imports."{name}": {reason}' in str(caught.value)


@pytest.mark.parametrize("name", ["__path__", "cuda.__getattr__()", "__all__.x"])
def test_module_has_no_names_that_python_acts_on(name: str) -> None:
    """Attributes with dunder names are refused, because Python itself uses them."""
    text = HEAD + f'attributes = {{ "{name}" = "/" }}\n[[steps]]\ndo = "sync"\n'
    with pytest.raises(ScenarioError, match="names that begin with '__' are special to Python"):
        loads(text)


def test_module_of_a_file_may_be_imported() -> None:
    """A command may import modules from the files of the scenario."""
    step = '[[steps]]\ndo = "sync"\nexpect = { imports = { "core.__version__" = "1.0" } }\n'
    loads(f"{HEAD}{step}[files]\n'project/src/core/__init__.py' = '__version__ = \"1.0\"'\n")


def test_command_may_import_what_the_scenario_brings() -> None:
    """A command may import the modules of projects on the scenario's indexes."""
    step = "[[steps]]\ncommand = { uv = \"uv run python -c 'import torch'\" }\n"
    scenario: Any = loads(HEAD + step + "expect = { installed-count = 0 }\n")
    assert scenario.steps[0].command["uv"].endswith("'import torch'")
