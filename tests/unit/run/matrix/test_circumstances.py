"""The digest of a scenario, and the circumstances on which a play depends."""

from __future__ import annotations

import re
import sys

import pytest

from pytest_indexcache import __version__
from pytest_indexcache.run.matrix.circumstances import circumstances, scenario_digest
from pytest_indexcache.scenario.loader import loads

SCENARIO = """\
title = "x"
{about}
[indexes.one]
url = "https://one.example/simple"
[indexes.one.packages]
six."{version}" = {{}}
[indexes.two]
url = "https://two.example/simple"
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect = {{ downloads = 1 }}
"""


def digest(about: str = "", version: str = "1.0") -> str:
    """Return the digest of a scenario."""
    return scenario_digest(loads(SCENARIO.format(about=about, version=version)))


@pytest.mark.parametrize(
    "about",
    [
        'issue = "https://example.org/1"',
        'tags = ["a"]',
        'description = "d"',
        'affected = { uv = "<= 1" }\nmeasured = { uv = "today" }',
        "variants = { obey-no-store = 1 }",
    ],
)
def test_what_a_scenario_says_of_itself_does_not_count(about: str) -> None:
    """A change to title, description or records does not change a scenario's digest."""
    assert digest(about) == digest()


def test_what_is_played_counts() -> None:
    """Another release on an index, or another order of indexes, changes the digest."""
    text = SCENARIO.format(about="", version="1.0")
    swapped = text.replace("[indexes.one", "[indexes.x").replace("[indexes.two", "[indexes.one")
    assert len({digest(), digest(version="1.1"), scenario_digest(loads(swapped))}) == 3


def test_circumstances_name_platform_python_and_code() -> None:
    """The digest of the code changes with the code, so that edited code is played again."""
    here = circumstances()
    assert re.fullmatch(re.escape(__version__) + r"\+[0-9a-f]{12}", here.harness)
    assert here.python.endswith(".".join(map(str, sys.version_info[:3])))
    assert here.platform
