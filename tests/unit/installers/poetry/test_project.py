"""A scenario's project as Poetry's project file, for old and new releases."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.scenario.model import Scenario
from tests.unit.installers.project_scenarios import CPU, NV, PYPI, scenario_with


def written(scenario: Scenario, release: str = "2.5.1") -> dict[str, Any]:
    """Return the parsed project file for a release."""
    files = PoetryDialect(Version(release)).project_files(scenario)
    return tomllib.loads(files["pyproject.toml"])


FULL = {
    "indexes": {"cpu": CPU, "pypi": PYPI},
    "project": {
        "name": "moo",
        "requires-python": ">=3.11",
        "dependencies": ["six>=1; python_version > '3'", "torch[opt]", "mine>=1"],
        "optional-dependencies": {"extra": ["idna<4"]},
        "dependency-groups": {"dev": ["attrs"]},
    },
    "sources": {
        "torch": {"index": "cpu", "explicit": True},
        "mine": {"path": "their", "editable": True},
    },
}
GROUP = {"dev": {"optional": True, "dependencies": {"attrs": "*"}}}
SOURCES = [{"name": "cpu", **CPU, "priority": "explicit"}]


def test_since_2_0_there_is_a_project_table() -> None:
    """Since Poetry 2.0, requirements are in [project] and their sources in [tool.poetry]."""
    assert written(scenario_with(**FULL)) == {
        "project": {
            "name": "moo",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": ["six>=1; python_version > '3'", "torch[opt]", "mine>=1"],
            "optional-dependencies": {"extra": ["idna<4"]},
        },
        "tool": {
            "poetry": {
                "package-mode": False,
                "dependencies": {
                    "torch": {"source": "cpu"},
                    "mine": {"path": "../their", "develop": True},
                },
                "group": GROUP,
                "source": SOURCES,
            }
        },
    }


def test_before_2_0_everything_is_poetrys() -> None:
    """Before Poetry 2.0, requirements are tables, and extras list optional requirements."""
    assert written(scenario_with(**FULL), "1.8.5") == {
        "tool": {
            "poetry": {
                "package-mode": False,
                "name": "moo",
                "version": "0.1.0",
                "description": "",
                "authors": [],
                "dependencies": {
                    "python": ">=3.11",
                    "six": {"version": ">=1", "markers": 'python_version > "3"'},
                    "torch": {"version": "*", "extras": ["opt"], "source": "cpu"},
                    "mine": {"path": "../their", "develop": True},
                    "idna": {"version": "<4", "optional": True},
                },
                "extras": {"extra": ["idna"]},
                "group": GROUP,
                "source": SOURCES,
            }
        }
    }


def test_extras_that_exclude_each_other_have_markers() -> None:
    """The source of an extra has a marker that excludes the extras in conflict with it."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI},
        project={
            "optional-dependencies": {"cpu": ["torch"], "web": ["torch"]},
            "conflicts": [["cpu", "web"]],
        },
        sources={
            "torch": [
                {"index": "cpu", "explicit": True, "extra": "cpu"},
                {"index": "pypi", "extra": "web", "marker": "sys_platform == 'linux'"},
            ]
        },
    )
    assert written(scenario)["tool"]["poetry"]["dependencies"]["torch"] == [
        {"source": "cpu", "markers": "extra == 'cpu' and extra != 'web'"},
        {
            "source": "PyPI",
            "markers": "extra == 'web' and extra != 'cpu' and sys_platform == 'linux'",
        },
    ]


@pytest.mark.parametrize(
    ("sources", "place"), [({}, {}), ({"six": {"index": "cpu"}}, {"source": "cpu"})]
)
def test_extras_that_exclude_each_other_have_their_versions(
    sources: dict[str, Any], place: dict[str, Any]
) -> None:
    """Requirements of conflicting extras are written with markers for their extras."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI},
        project={
            "optional-dependencies": {
                "a": ["six==1.16.0"],
                "b": ["six; sys_platform == 'linux'", "attrs"],
                "c": ["six==1.17.0"],
            },
            "conflicts": [["a", "b"]],
        },
        sources=sources,
    )
    found = written(scenario)["tool"]["poetry"]["dependencies"]
    own = '(sys_platform == "linux")'
    assert found["six"] == [
        {"version": "==1.16.0", **place, "markers": "extra == 'a' and extra != 'b'"},
        {"version": "*", **place, "markers": f"extra == 'b' and extra != 'a' and {own}"},
    ]
    assert found["attrs"] == [{"version": "*", "markers": "extra == 'b' and extra != 'a'"}]


@pytest.mark.parametrize(
    ("conflict", "reason"),
    [
        (["a", "b"], "extras that exclude each other without a project in common"),
        (["a", "group:dev"], "groups that exclude each other"),
    ],
)
def test_conflict_that_poetry_cannot_be_told_of_is_lacking(
    conflict: list[str], reason: str
) -> None:
    """Poetry cannot express a conflict of groups, or of extras without a common project."""
    project = {
        "optional-dependencies": {"a": ["x"], "b": ["y"]},
        "dependency-groups": {"dev": ["six"]},
        "conflicts": [conflict],
    }
    with pytest.raises(CapabilityError, match=f"^poetry 2.5.1: poetry has no {reason}$"):
        written(scenario_with(project=project))


def test_other_primary_indexes_stand_before_pypi() -> None:
    """If another index is primary, PyPI is written after it, as a source without a URL."""
    scenario = scenario_with(indexes={"pypi": PYPI, "mine": NV}, sources={"a": {"index": "mine"}})
    assert written(scenario)["tool"]["poetry"]["source"] == [
        {"name": "mine", **NV, "priority": "primary"},
        {"name": "PyPI", "priority": "primary"},
    ]


def test_name_of_pypi_is_for_that_index_alone() -> None:
    """An index that is named PyPI but has another URL is renamed, as Poetry refuses it."""
    scenario = scenario_with(indexes={"pypi": {**NV, "default": True}})
    assert written(scenario)["tool"]["poetry"]["source"] == [
        {"name": "default", **NV, "priority": "primary"}
    ]


@pytest.mark.parametrize(
    ("release", "keys", "reason"),
    [
        ("2.5.1", {"project": {"overrides": ["a==1"]}}, "overrides of what others require"),
        ("2.5.1", {"project": {"constraints": ["a<1"]}}, "constraints"),
        (
            "2.5.1",
            {"indexes": {"nv": NV}, "cache-control": {"nv": {"files": "a"}}},
            "override of an index's cache-control",
        ),
        (
            "2.5.1",
            {"indexes": {"a": {**NV, "flat": True}}},
            "flat indexes that are not an .html page",
        ),
    ],
)
def test_what_no_release_can_be_told_is_said(
    release: str, keys: dict[str, Any], reason: str
) -> None:
    """A scenario with a setting that no Poetry release supports is skipped with a reason."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(**keys), release)
    assert caught.value.problem == f"poetry has no {reason}"


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"project": {"optional-dependencies": {"a": [], "b": []}, "conflicts": [["a", "b"]]}},
            "extras that exclude each other",
        ),
        (
            {
                "indexes": {"nv": NV},
                "project": {"dependencies": ["t"]},
                "sources": {"t": {"index": "nv", "extra": "a"}},
            },
            "sources for one extra",
        ),
        (
            {"project": {"dependencies": ["a"], "optional-dependencies": {"b": ["a<1"]}}},
            "several requirements on one project",
        ),
    ],
)
def test_what_came_with_2_0_is_said(keys: dict[str, Any], reason: str) -> None:
    """Settings that Poetry 2.0 introduced are missing capabilities of earlier releases."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(**keys), "1.8.5")
    assert caught.value.problem == f"poetry 1.8.5 has no {reason}: it came with 2.0.0"
