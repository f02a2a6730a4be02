"""Hints for common mistakes."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads

INDEX = '[indexes.pypi]\nurl = "https://pypi.org/simple"\n'
SYNC = '[[steps]]\ndo = "sync"\nexpect = { exit = "success" }\n'
PYPROJECT = "give a pyproject.toml verbatim, for one installer: project-files"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            f"{INDEX}[indexes.pypi.packages]\nsix = {{ 1.17.0 = {{}} }}\n{SYNC}",
            'write a version in quotes: indexes.pypi.packages.six."1.17.0"',
        ),
        (
            f"{INDEX}[indexes.pypi.packages.torch.2.8]\nsize = '1 B'\n{SYNC}",
            'write a version in quotes: indexes.pypi.packages.torch."2.8"',
        ),
        ('[steps]\ndo = "sync"', "write [[steps]] before every step"),
        ('[[steps]]\ncommand = "pip check"\n', 'write command = { pip = "pip check" }'),
        ('[[steps]]\ncommand = ["uv", "lock"]\n', "write command = { uv = … }"),
        (f"[tool.poetry]\n{SYNC}", f"{PYPROJECT}.poetry = '''…'''"),
        (f"[build-system]\nrequires = []\n{SYNC}", f"{PYPROJECT}.uv = '''…'''"),
        (f'[project]\nreadme = "x"\n{SYNC}', f"leave it out, or {PYPROJECT}.uv = '''…'''"),
        (
            f"[dependency-groups]\ndev = []\n{SYNC}",
            "it belongs to the project: [project.dependency-groups]",
        ),
        (f'{INDEX}packages.six = "1.0"\n{SYNC}', 'write { "1.0" = {} }'),
        (f'{INDEX}packages.six = ["1", "2"]\n{SYNC}', 'write { "1" = {}, "2" = {} }'),
        ('[[steps]]\ndo = "lock"\nexpect = { downloads = ["six"] }', 'write { "six" = 1 }'),
        ('[[steps]]\nuv = "uv sync"\n', 'write command = { uv = "uv sync" }'),
        (f"[project]\nversion = 1.0\n{SYNC}", "write it in quotes"),
        (f'[project]\ndependencies = "six"\n{SYNC}', "write ['six']"),
    ],
)
def test_hint_of_a_usual_mistake(text: str, hint: str) -> None:
    """The hint for a common mistake shows the correct text."""
    with pytest.raises(ScenarioError) as caught:
        loads(f'title = "x"\n{text}')
    assert [problem.hint for problem in caught.value.problems] == [hint]
