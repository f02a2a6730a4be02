"""Limits that the steps of a file have together."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads


def _scenario(*waits: str) -> str:
    steps = "".join(f'[[steps]]\ndo = "lock"\nwait = "{wait}"\n' for wait in waits)
    expected = "[steps.expect]\nrequests = 1\n"
    return f'title = "x"\n[indexes.pypi]\nurl = "https://pypi.org/simple"\n{steps}{expected}'


def test_the_waits_of_a_file_have_a_limit() -> None:
    """If the waits of a file are longer than 10 s in total, the longest is reported."""
    loads(_scenario("2.5 s", "2.5 s", "2.5 s"))
    with pytest.raises(ScenarioError) as caught:
        loads(_scenario("2.6 s", "2.5 s", "2.5 s", "2.5 s"))
    assert [problem.describe(None).partition(": ")[2] for problem in caught.value.problems] == [
        "steps[1].wait: the steps wait 10.1 s in all; at most 10 s are allowed"
    ]
