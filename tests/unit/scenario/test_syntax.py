"""Hints for errors of the TOML parser."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario.syntax import parse_toml

STRAIGHT = 'use straight quotes: "…"'
ONE_LINE = "write the table { … } in one line, or under a header of its own: "
STEPS = "every step begins with [[steps]]"


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("2.8.0+cpu = {}", 1, 'write a version in quotes: "2.8.0+cpu" = {}'),
        ("six = { 2.8.0+cpu = {} }", 1, 'write a version in quotes: "2.8.0+cpu" = {}'),
        ("[packages.torch.2.8.0+cpu]", 1, 'write a version in quotes: "2.8.0+cpu"'),
        ("x = 1\nversion = 1.17.0", 2, 'write a version in quotes: "1.17.0"'),
        ("x = { six = 1.17.0 }", 1, 'write a version in quotes: "1.17.0"'),
        ('[steps]\ndo = "lock"\n[steps]\n', 3, STEPS),
        ('[[steps]]\ndo = "lock"\n[steps]\n', 3, STEPS),
        ('[steps]\ndo = "lock"\n[[steps]]\n', 3, STEPS),
        ("[[steps]]\nexpect = {\n  downloads = 1 }", 2, f"{ONE_LINE}[steps.expect]"),
        ("[[steps]]\nexpect = { downloads = 1,\n  x = 1 }", 2, f"{ONE_LINE}[steps.expect]"),
        ("x = { a = 1 # why\n}", 1, f"{ONE_LINE}[x]"),
        ("x = { a = 1, }", 1, "leave out the comma after the last key of an inline table"),
        ("do = sync", 1, 'write a text in quotes: "sync"'),
        ("command = { uv = uv sync }", 1, 'write a text in quotes: "uv sync"'),
        ("offline = True", 1, "write true"),
        ("title = “x”", 1, STRAIGHT),
        (
            "[a]\n[a]",
            2,
            "the key or table already exists: put all keys of one table under one header",
        ),
        ('x = "C:\\dir"', 1, r"write \\ for a backslash, or the text in single quotes"),
        ("x y = 1", 1, ""),
        ("[a", 1, ""),
    ],
)
def test_hint_of_a_syntax_error(text: str, line: int, hint: str) -> None:
    """The hint for a common syntax error shows valid TOML, and other errors get no hint."""
    with pytest.raises(ScenarioError) as caught:
        parse_toml(text, None)
    [problem] = caught.value.problems
    assert problem.text.startswith("is not TOML: ")
    assert (problem.line, problem.hint) == (line, hint)
