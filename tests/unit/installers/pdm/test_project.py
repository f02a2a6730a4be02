"""A scenario's project as PDM's project file, for old and new releases."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.scenario.model import Scenario
from tests.unit.installers.project_scenarios import CPU, NV, PYPI, scenario_with


def written(scenario: Scenario, release: str = "2.29.3") -> dict[str, Any]:
    """Return the parsed project file for a release."""
    files = PdmDialect(Version(release)).project_files(scenario)
    return tomllib.loads(files["pyproject.toml"])


def test_project_is_written_with_its_sources() -> None:
    """A source's index includes the source's project; an explicit index excludes all others."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "nv": NV, "pypi": PYPI},
        project={
            "name": "moo",
            "requires-python": ">=3.11",
            "dependencies": ["torch", "triton", "mine[opt]>=1; python_version > '3'"],
            "optional-dependencies": {"extra": ["idna"]},
            "dependency-groups": {"dev": ["attrs"]},
            "overrides": ["six==1.16.0"],
        },
        sources={
            "torch": {"index": "cpu", "explicit": True},
            "triton": {"index": "nv"},
            "mine": {"path": "their"},
        },
    )
    assert written(scenario) == {
        "project": {
            "name": "moo",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": [
                "torch",
                "triton",
                'mine[opt] @ file:///${PROJECT_ROOT}/../their ; python_version > "3"',
            ],
            "optional-dependencies": {"extra": ["idna"]},
        },
        "dependency-groups": {"dev": ["attrs"]},
        "tool": {
            "pdm": {
                "distribution": False,
                "resolution": {"respect-source-order": True, "overrides": {"six": "==1.16.0"}},
                "source": [
                    {
                        "name": "cpu",
                        **CPU,
                        "verify_ssl": True,
                        "include_packages": ["torch"],
                        "exclude_packages": ["*"],
                    },
                    {"name": "nv", **NV, "verify_ssl": True, "include_packages": ["triton"]},
                ],
            }
        },
    }


def test_default_index_takes_the_place_of_pypi() -> None:
    """The default index is written as ``pypi``, and another index with that name is renamed."""
    indexes = {"pypi": CPU, "mine": {**NV, "default": True, "flat": True, "users": {"a": "b"}}}
    scenario = scenario_with(indexes=indexes, project={"name": "a"})
    assert written(scenario)["tool"]["pdm"]["source"] == [
        {"name": "other", **CPU, "verify_ssl": True},
        {
            "name": "pypi",
            "url": "https://a:b@pypi.nvidia.com",
            "verify_ssl": True,
            "type": "find_links",
        },
    ]


def test_old_releases_have_other_tables() -> None:
    """For old PDM releases, development groups and overrides are in other tables."""
    project = {"dependency-groups": {"dev": ["attrs"]}, "overrides": ["six<2"]}
    document = written(scenario_with(project=project), "2.2.0")
    assert "dependency-groups" not in document
    assert document["tool"]["pdm"]["dev-dependencies"] == {"dev": ["attrs"]}
    assert document["tool"]["pdm"]["overrides"] == {"six": "<2"}


def test_pre_releases_of_a_project_are_a_key_of_its_file() -> None:
    """The key for pre-releases in PDM's project file has another name before 2.12.0."""
    scenario = scenario_with(project={"prereleases": True})
    assert written(scenario)["tool"]["pdm"]["resolution"]["allow-prereleases"] is True
    old = written(scenario, "2.11.2")["tool"]["pdm"]
    assert (old["allow_prereleases"], "allow-prereleases" in old["resolution"]) == (True, False)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"project": {"optional-dependencies": {"a": [], "b": []}, "conflicts": [["a", "b"]]}},
            "conflicting extras",
        ),
        ({"project": {"constraints": ["a<1"]}}, "constraints"),
        ({"cache-control": {"nv": {"files": "a"}}}, "override of an index's cache-control"),
        (
            {"sources": {"a": {"path": "a", "extra": "b"}}},
            "sources for one extra, group or marker",
        ),
        (
            {"sources": {"a": {"path": "a", "editable": True}}},
            "editable dependencies but in development groups",
        ),
        (
            {"sources": {"a": [{"path": "a"}, {"path": "b"}]}},
            "lists of sources for a project",
        ),
    ],
)
def test_what_no_release_can_be_told_is_said(keys: dict[str, Any], reason: str) -> None:
    """A scenario with a setting that no PDM release supports is skipped with a short reason."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(indexes={"nv": NV}, **keys))
    assert caught.value.problem == f"pdm has no {reason}"


def test_old_releases_cannot_bind_a_project_to_an_index() -> None:
    """PDM before 2.10.0 cannot bind a project to an index, as it lacks include_packages."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI}, sources={"torch": {"index": "cpu"}}
    )
    with pytest.raises(CapabilityError, match=r"it came with 2\.10\.0"):
        written(scenario, "2.9.3")


@pytest.mark.parametrize(
    ("url", "is_verified"),
    [("http://a.example.com:4040/simple", False), ("https://a.example.com/simple", True)],
)
def test_an_index_without_tls_is_trusted(url: str, is_verified: bool) -> None:
    """An ``http://`` index is written to the project file with ``verify_ssl = false``."""
    (source,) = written(scenario_with(indexes={"a": {"url": url}}))["tool"]["pdm"]["source"]
    assert (source["url"], source["verify_ssl"]) == (url, is_verified)
