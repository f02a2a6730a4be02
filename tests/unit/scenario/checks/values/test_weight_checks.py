"""Limits of the total size of files and of the number of releases."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.values.weight_checks import check_weight
from pytest_indexcache.scenario.model import Scenario

SIX = ("indexes", "pypi", "packages", "six")
MANY_TAGS = f"{'.'.join(['py3' * 12] * 40)}-none-any"
LARGE_MODULE = {f"a{number}": "x" * 1000 for number in range(2000)}
REPLACE = {"do": "replace", "index": "pypi", "project": "six", "version": "1.0"}


def found(releases: dict[str, Any], *steps: dict[str, Any]) -> list[tuple[str | int, ...]]:
    """Return the key paths of the findings in a scenario."""
    index = {"url": "https://pypi.org/simple", "packages": {"six": releases}}
    scenario = Scenario.model_validate(
        {"title": "x", "indexes": {"pypi": index}, "steps": [*steps, {"do": "sync"}]}
    )
    return [finding.path for finding in check_weight(scenario)]


@pytest.mark.parametrize(
    ("releases", "steps", "places"),
    [
        ({"1.0": {"padding": "1 GiB"}}, [], []),
        ({"1.0": {"size": "999 GiB"}, "2.0": {"size": "999 GiB"}}, [], []),
        ({"1.0": {"padding": "3.9 GiB"}}, [], [(*SIX, "1.0")]),
        ({f"{n}.0": {"padding": "300 MiB"} for n in range(9)}, [], [(*SIX, "3.0")]),
        ({"1.0": {"padding": "600 MiB", "files": [{}, {"kind": "sdist"}]}}, [], [(*SIX, "1.0")]),
        ({"1.0": {"padding": "600 MiB", "files": [{}, {"padding": "0 B"}]}}, [], []),
        ({"1.0": {"files": [{"padding": "600 MiB"}, {"padding": "1 MB"}]}}, [], []),
        (
            {"1.0": {"padding": "600 MiB"}},
            [{**REPLACE, "contents": {"padding": "600 MiB"}}],
            [("steps", 0, "contents")],
        ),
        (
            {"1.0": {"files": [{}, {"kind": "sdist"}]}},
            [{**REPLACE, "contents": {"padding": "600 MiB"}}],
            [("steps", 0, "contents")],
        ),
        (
            {"1.0": {"padding": "600 MiB"}},
            [{**REPLACE, "do": "publish", "version": "2.0", "contents": {"padding": "600 MiB"}}],
            [("steps", 0, "contents")],
        ),
        ({"1.0": {"tag": MANY_TAGS, "files": [{}] * 20_000}}, [], [(*SIX, "1.0")]),
        (
            {
                "1.0": {
                    "attributes": LARGE_MODULE,
                    "files": [{}] * 600,
                }
            },
            [],
            [(*SIX, "1.0")],
        ),
    ],
)
def test_files_weigh_a_gibibyte_at_most(
    releases: dict[str, Any], steps: list[dict[str, Any]], places: list[tuple[str | int, ...]]
) -> None:
    """The release at which the total size of files exceeds 1 GiB is reported."""
    assert found(releases, *steps) == places


def test_steps_name_a_few_releases_of_an_installer() -> None:
    """The number of releases in steps is limited, because each is provisioned in advance."""
    steps = [{"do": "sync", "release": f"==0.{number}"} for number in range(20)]
    assert found({}, *steps, *steps) == []
    assert found({}, *steps, {"do": "sync", "release": "==1.0"}) == [("steps", 20, "release")]
