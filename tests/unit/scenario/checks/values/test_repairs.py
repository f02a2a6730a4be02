"""Checks of names in scenarios that have other mistakes, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads

GOOD = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
headers = "pypi"
[indexes.pypi.packages.six."1.0"]
[project]
dependencies = ["six"]
optional-dependencies = { cpu = ["six"] }
[[steps]]
do = "sync"
extras = ["cpu"]
[[steps]]
do = "install"
requirements = ["six"]
expect = { installed = { six = "1.0" }, downloads = { six = 1 } }
"""


def problems(*changes: tuple[str, str]) -> list[str]:
    """Return the problems of the valid scenario after replacing strings in its text."""
    text = GOOD
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    try:
        loads(text, Path("s.toml"))
    except ScenarioError as error:
        return [f"{problem.line}: {problem.text}" for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        (
            [("requirements", "requirments"), ('"pypi"\n[', '"pipy"\n[')],
            ["4: unknown server 'pipy'", "14: unknown key"],
        ),
        (
            [("title", "tilte"), ('extras = ["cpu"]', 'extras = ["gpu"]')],
            [
                "11: unknown extra 'gpu'",
                "None: this key is required, but missing",
                "1: unknown key",
            ],
        ),
        (
            [
                ('headers = "pypi"', "zzz = 1"),
                ('installed = { six = "1.0"', 'installed = { sixx = "1.0"'),
            ],
            ["4: unknown key", "15: unknown project 'sixx'"],
        ),
        (
            [('do = "sync"', 'do = "synch"'), ('{ six = "1.0"', '{ six = "2.0"')],
            ["10: unknown verb 'synch'", "15: six has no release '2.0'"],
        ),
        (
            [("expect =", "expects ="), ('"1.0" }', "1 }")],
            ["15: unknown key", "15: expected a string, found the number 1"],
        ),
        # Values of one array are left out from its end on.
        (
            [('dependencies = ["six"]\n', "dependencies = [1, 2]\n")],
            [
                "7: expected a string, found the number 1",
                "7: expected a string, found the number 2",
            ],
        ),
        # A name that was left out is not reported as unknown.
        (
            [('[indexes.pypi.packages.six."1.0"]', "[indexes.pypi.pcks.six.'1.0']")],
            ["5: unknown key"],
        ),
        (
            [('[indexes.pypi.packages.six."1.0"]', "packages = 5")],
            ["5: expected a table, found the number 5"],
        ),
        ([('url = "https://pypi.org/simple"\n', "")], ["2: this key is required, but missing"]),
        ([("optional-dependencies", "optional-deps")], ["8: unknown key"]),
        ([('{ cpu = ["six"] }', "7")], ["8: expected a table, found the number 7"]),
        ([('six."1.0"]', 'six."1.0"]\nsize = 1')], ["6: expected a string, found the number 1"]),
    ],
)
def test_names_beside_wrong_values(changes: list[tuple[str, str]], expected: list[str]) -> None:
    """An unknown name is reported together with other mistakes in the same file."""
    assert sorted(problems(*changes)) == sorted(expected)
