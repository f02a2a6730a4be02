"""Checks of ``MANIFEST.in`` in a scenario."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.checks.safety.contents.manifest_files import manifest_misfits
from pytest_indexcache.scenario.values.reach import Reach


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", []),
        ("include README.md *.txt\nrecursive-include src *.py *.t[xy]?\n# all\ngraft docs\n", []),
        ("include ../x\n", []),
        ("prune build  # x\n\n", []),
        ("include ../../x", ["line 1: '../../x' is not a pattern of paths within the workspace"]),
        ("\ngraft /etc", ["line 2: '/etc' is not a pattern of paths within the workspace"]),
        ("six==1.0", ["line 1: 'six==1.0' is not a command of setuptools"]),
        ("-r x.txt", ["line 1: '-r' is not a command of setuptools"]),
    ],
)
def test_a_manifest_names_files_of_the_workspace(text: str, problems: list[str]) -> None:
    """A line of ``MANIFEST.in`` must be a known command with safe patterns."""
    assert [str(misfit) for misfit in manifest_misfits(text, Reach())] == problems
