"""A scenario's project as uv's project file, for old and new releases."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.installers.uv.project import uv_project
from pytest_indexcache.scenario.model import Scenario
from tests.unit.installers.project_scenarios import CPU, PYPI, scenario_with

CUDA = {"url": "https://download.pytorch.org/whl/cu128"}


def written(scenario: Scenario, release: str = "0.13.8") -> dict[str, Any]:
    """Return the parsed project file for a release."""
    return tomllib.loads(uv_project(scenario, UvDialect(Version(release))))


def test_project_without_anything_is_just_a_project() -> None:
    """The project file of a project without settings contains only a name and a version."""
    assert written(scenario_with(indexes={"pypi": PYPI}, project={"dependencies": ["six"]})) == {
        "project": {"name": "project", "version": "0.1.0", "dependencies": ["six"]}
    }


def test_everything_that_a_project_can_have_is_written() -> None:
    """Requirements, extras, groups, conflicts and overrides are written to the project file."""
    project = {
        "name": "moo",
        "version": "1.0",
        "requires-python": ">=3.11",
        "dependencies": ["numpy"],
        "optional-dependencies": {"cpu": ["torch"], "cu128": ["torch"]},
        "dependency-groups": {"dev": ["pytest"]},
        "conflicts": [["cpu", "cu128", "group:dev"]],
        "overrides": ["six==1.16.0"],
        "constraints": ["idna<4"],
        "exclude-newer": "2 weeks ago",
        "prereleases": True,
        "resolution": "lowest-direct",
        "link-mode": "hardlink",
        "environments": ["sys_platform == 'linux'", "sys_platform == 'darwin'"],
        "required-environments": ["sys_platform == 'linux'"],
    }
    document = written(scenario_with(project=project))
    assert document["project"] == {
        key: project[key]
        for key in ("name", "version", "requires-python", "dependencies", "optional-dependencies")
    }
    assert document["dependency-groups"] == {"dev": ["pytest"]}
    assert document["tool"]["uv"] == {
        "default-groups": [],
        "conflicts": [[{"extra": "cpu"}, {"extra": "cu128"}, {"group": "dev"}]],
        "override-dependencies": ["six==1.16.0"],
        "constraint-dependencies": ["idna<4"],
        "exclude-newer": "2 weeks",
        "prerelease": "allow",
        "resolution": "lowest-direct",
        "link-mode": "hardlink",
        "environments": ["sys_platform == 'linux'", "sys_platform == 'darwin'"],
        "required-environments": ["sys_platform == 'linux'"],
    }


def test_sources_are_written_with_what_restricts_them() -> None:
    """One source is written as a table, several as an array, and paths are relative."""
    sources = {
        "torch": [
            {"index": "cpu", "explicit": True, "extra": "cpu"},
            {"index": "pypi", "marker": "sys_platform == 'win32'"},
        ],
        "mine": {"path": "their/folder", "editable": True},
        "wheel": {"url": "https://files.example.com/wheel-1.0-py3-none-any.whl"},
    }
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI},
        project={"optional-dependencies": {"cpu": ["torch"]}},
        sources=sources,
    )
    assert written(scenario)["tool"]["uv"]["sources"] == {
        "torch": [
            {"index": "cpu", "extra": "cpu"},
            {"index": "pypi", "marker": "sys_platform == 'win32'"},
        ],
        "mine": {"path": "../their/folder", "editable": True},
        "wheel": {"url": "https://files.example.com/wheel-1.0-py3-none-any.whl"},
    }


def test_indexes_are_written_with_the_default_one_last() -> None:
    """Indexes are written with their overrides, with the default one last, and PyPI if needed."""
    scenario = scenario_with(
        indexes={"pypi": PYPI, "cpu": CPU, "cuda": CUDA},
        sources={
            "torch": {"index": "cpu", "explicit": True},
            "triton": {"index": "cuda"},
            "six": {"index": "pypi"},
        },
        **{"cache-control": {"cpu": {"pages": "max-age=600", "files": "immutable"}}},
    )
    assert written(scenario)["tool"]["uv"]["index"] == [
        {
            "name": "cpu",
            **CPU,
            "explicit": True,
            "cache-control": {"api": "max-age=600", "files": "immutable"},
        },
        {"name": "cuda", **CUDA},
        {"name": "pypi", **PYPI, "default": True},
    ]


def test_index_that_only_a_step_names_is_no_index_of_the_project() -> None:
    """An index that only a step uses is not written to the project file."""
    steps = [{"do": "add", "requirements": ["tensorrt"], "index": "cuda"}]
    scenario = scenario_with(
        indexes={"cuda": CUDA, "pypi": PYPI}, steps=steps, project={"name": "kk"}
    )
    assert "tool" not in written(scenario)


def test_credentials_and_flat_indexes_are_in_the_table() -> None:
    """The URL of an index contains the escaped credentials of the index's first user."""
    index = {"url": "https://private.example.com/links/", "users": {"ann": "p:w/d"}, "flat": True}
    scenario = scenario_with(indexes={"private": index, "pypi": PYPI}, project={"name": "a"})
    assert written(scenario)["tool"]["uv"]["index"] == [
        {
            "name": "private",
            "url": "https://ann:p%3Aw%2Fd@private.example.com/links/",
            "format": "flat",
        }
    ]


def test_releases_before_the_index_table_get_urls() -> None:
    """For releases without [[tool.uv.index]], indexes are written as plain URLs."""
    indexes = {"cpu": CPU, "links": {"url": "https://a.example.com/f.html", "flat": True}}
    scenario = scenario_with(
        indexes={**indexes, "mine": {"url": "https://a.example.com/simple", "default": True}},
        sources={"local": {"path": "local"}},
    )
    assert written(scenario, "0.4.22")["tool"]["uv"] == {
        "extra-index-url": [CPU["url"]],
        "find-links": ["https://a.example.com/f.html"],
        "index-url": "https://a.example.com/simple",
        "sources": {"local": {"path": "../local"}},
    }


@pytest.mark.parametrize(
    ("release", "keys", "reason"),
    [
        (
            "0.5.1",
            {
                "project": {
                    "optional-dependencies": {"a": [], "b": []},
                    "conflicts": [["a", "b"]],
                }
            },
            "uv 0.5.1 has no conflicting extras: it came with 0.5.2",
        ),
        (
            "0.4.22",
            {"sources": {"torch": {"index": "cpu"}}, "indexes": {"cpu": CPU}},
            "uv 0.4.22 has no index for one project: it came with 0.4.23",
        ),
        (
            "0.4.22",
            {"sources": {"six": {"url": "https://a.example/six.whl", "marker": "os_name == 'nt'"}}},
            "uv 0.4.22 has no sources for one marker: it came with 0.4.23",
        ),
        (
            "0.4.26",
            {"project": {"dependency-groups": {"dev": ["six"]}}},
            "uv 0.4.26 has no dependency groups: it came with 0.4.27",
        ),
        (
            "0.4.22",
            {
                "indexes": {"cpu": CPU, "pypi": PYPI},
                "sources": {"torch": {"index": "cpu", "explicit": True}},
            },
            "uv 0.4.22 has no explicit indexes: it came with 0.4.23",
        ),
        (
            "0.5.2",
            {"indexes": {"cpu": CPU}, "sources": {"torch": {"index": "cpu", "extra": "cpu"}}},
            "uv 0.5.2 has no sources for one extra: it came with 0.5.3",
        ),
        (
            "0.7.21",
            {"indexes": {"cpu": CPU}, "cache-control": {"cpu": {"files": "immutable"}}},
            "uv 0.7.21 has no override of an index's cache-control: it came with 0.7.22",
        ),
        (
            "0.4.0",
            {"indexes": {"cpu": CPU}, "cache-control": {"cpu": {"files": "immutable"}}},
            "uv 0.4.0 has no override of an index's cache-control: it came with 0.7.22",
        ),
        (
            "0.6.10",
            {"indexes": {"a": {**CPU, "flat": True}}, "sources": {"torch": {"index": "a"}}},
            "uv 0.6.10 has no flat indexes in [[tool.uv.index]]: it came with 0.6.11",
        ),
        (
            "0.4.0",
            {"sources": {"a": [{"path": "a"}, {"path": "b"}]}},
            "uv 0.4.0 has no lists of sources for a project: it came with 0.4.23",
        ),
    ],
)
def test_what_a_release_cannot_be_told_is_said(
    release: str, keys: dict[str, Any], reason: str
) -> None:
    """The reason to skip a uv release names this release and the first with the capability."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(**keys), release)
    assert caught.value.problem == reason


FLAT = {"url": "https://a.example.com/flat/", "flat": True}
OTHER = {"url": "https://b.example.com/simple"}
LINKS = {"find-links": ["https://a.example.com/flat/"]}
ALONE = {**LINKS, "no-index": True}


@pytest.mark.parametrize(
    ("release", "indexes", "table"),
    [
        ("0.4.22", {"flat": FLAT}, ALONE),
        ("0.6.10", {"flat": FLAT}, ALONE),
        ("0.6.10", {"flat": FLAT, "pypi": PYPI}, LINKS),
        (
            "0.4.22",
            {"flat": {**FLAT, "default": True}, "other": OTHER},
            {**LINKS, "index-url": "https://b.example.com/simple"},
        ),
        (
            "0.6.11",
            {"flat": FLAT},
            {
                "index": [
                    {"name": "flat", "url": FLAT["url"], "default": True, "format": "flat"},
                ]
            },
        ),
    ],
)
def test_a_flat_index_is_said_as_the_release_has_it(
    release: str, indexes: dict[str, Any], table: dict[str, Any]
) -> None:
    """For old releases, a flat index is written as find-links, and PyPI is excluded."""
    assert written(scenario_with(indexes=indexes), release)["tool"]["uv"] == table
