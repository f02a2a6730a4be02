"""Warnings about scenarios whose expectations hold even if nothing happens."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario.loader import loads, reads

SCENARIO = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[[steps]]
do = "sync"
expect = {{ {} }}
"""


@pytest.mark.parametrize(
    ("expect", "is_warned_of"),
    [
        ("downloads = {}", True),
        ("downloads = 'any', requests = { total = '<= 5' }", True),
        ("absent = ['six'], removed = {}, added = 0, installed-count = 0", True),
        ("output = { lacks = ['error'] }, check = true", True),
        ("exit = 'any'", True),
        ("exit = 'failure'", False),
        ("exit = 3", False),
        ("downloads = { six = '>= 1' }", False),
        ("requests = { page = 1, wheel = 0 }", False),
        ("requests-to = { pypi = { total = '> 0' } }", False),
        ("installed = { six = '1.0' }", False),
        ("added = 1", False),
        ("bytes = { six = '>= 1 KiB' }", False),
        ("bytes = { six = '<= 1 KiB', '*' = 'any' }", True),
        ("reinstalled = { six = '1.0' }", False),
        ("reinstalled = {}", True),
        ("cached = 1", False),
        ("cached = 0, cache-bytes = '<= 1 KiB'", True),
        ("cached = { page = 0, wheel = { six = '>= 1' } }", False),
        ("cached = { page = {}, wheel = { six = '<= 1', '*' = 'any' } }", True),
        ("fields = { page = { if-none-match = true } }", False),
        ("fields = { page = { if-none-match = false } }", True),
        ("venv-files = { 'a' = true }", False),
        ("venv-files = { 'a' = 1 }", False),
        ("venv-files = { 'a' = false, 'b' = 0 }", True),
        ("locked = { six = '1.0' }", False),
        ("lockfile = 'changed'", False),
        ("lockfile = 'unchanged'", True),
        ("nominal = '<= 1 MiB'", False),
        ("output = { contains = ['six'] }", False),
    ],
)
def test_file_that_expects_nothing_to_happen_is_warned_of(expect: str, is_warned_of: bool) -> None:
    """If the expectations of a scenario hold even if nothing happens, there is a warning."""
    warnings = reads(SCENARIO.format(expect)).warnings
    assert [warning.key_path for warning in warnings] == ["steps"] * is_warned_of
    assert all("installer that does nothing" in warning.text for warning in warnings)


MEMBERS = """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[files]
"project/packages/lib/pyproject.toml" = "project = { name = 'My_Lib', version = '0.1.0' }"
"libs/core/pyproject.toml" = "tool.poetry = { name = 'core', version = '1' }"
"libs/none/pyproject.toml" = "tool.ruff.x = 1"
[project-files]
uv = "project = { name = 'root', version = '0' }"
[[steps]]
do = "edit"
files."libs/late/pyproject.toml" = "project = { name = 'late', dynamic = ['version'] }"
[[steps]]
command.uv = "uv sync"
expect = """


@pytest.mark.parametrize(
    "key", ["installed", "added", "reinstalled", "removed", "origin", "builds", "locked"]
)
def test_projects_of_given_files_are_known(key: str) -> None:
    """Workspace members and path dependencies in project files are known projects."""
    value = {"origin": '"path"', "builds": "1"}.get(key, '"0.2.0"')
    names = ("my-lib", "core", "late", "root")
    expect = f"{{ {key} = {{ {', '.join(f'{name} = {value}' for name in names)} }} }}"
    loads(f"{MEMBERS}{expect}\n")
    with pytest.raises(ScenarioError, match="unknown project 'none'"):
        loads(f"{MEMBERS}{{ {key} = {{ none = {value} }} }}\n")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("uv init --lib packages/my_lib", "my-lib"),
        ("uv init --name other packages/lib", "other"),
        ("uv init", "project"),
    ],
)
def test_projects_that_a_command_makes_are_known(command: str, name: str) -> None:
    """A project that ``uv init`` creates is known by ``--name`` or the name of its folder."""
    inits = (
        f"[[steps]]\ntogether = [{{ command.uv = '{command}' }}, {{ command.uv = 'uv tree' }}]\n"
    )
    for init in (f"[[steps]]\ncommand.uv = '{command}'\n", inits):
        _load_sync_after(init, name)


def _load_sync_after(init: str, name: str) -> None:
    steps = f"{init}[[steps]]\ncommand.uv = 'uv sync'\n"
    expect = f"expect = {{ installed = {{ {name} = '0.1.0' }} }}\n"
    loads(f"title = 't'\n[indexes.pypi]\nurl = 'https://pypi.org/simple'\n{steps}{expect}")
