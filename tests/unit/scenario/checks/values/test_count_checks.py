"""Limits of the numbers and sizes in a scenario."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.values.count_checks import check_counts, check_data
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.words import limits

URL = "https://pypi.org/simple"
SYNC = {"do": "sync"}
PUBLISH = {"do": "publish", "index": "pypi", "project": "new", "version": "1.0"}


def found(packages: dict[str, Any], *steps: dict[str, Any], **more: Any) -> list[str]:
    """Return the last key of each finding's path, and its text."""
    index = {"url": URL, "packages": packages}
    document = {"title": "x", "indexes": {"pypi": index}, "steps": [*steps, SYNC], **more}
    scenario = Scenario.model_validate(document)
    return [
        f"{finding.path[-1]}: {finding.text.rpartition('more than ')[2]}"
        for finding in check_counts(scenario)
    ]


def _projects(count: int) -> dict[str, Any]:
    return {f"p{number}": {"1.0": {}} for number in range(count)}


def _releases(count: int) -> dict[str, Any]:
    return {"six": {f"1.{number}": {} for number in range(count)}}


def _files(count: int) -> dict[str, Any]:
    return {"six": {"1.0": {"files": [{"build_tag": str(n)} for n in range(count)]}}}


@pytest.mark.parametrize(
    ("packages", "steps", "texts"),
    [
        (_projects(limits.PROJECTS), [], []),
        (_projects(limits.PROJECTS + 1), [], ["p2000: 2,000 projects on its indexes"]),
        (_releases(limits.RELEASES), [], []),
        (
            _releases(limits.RELEASES),
            [PUBLISH],
            ["contents: 20,000 releases", "contents: 20,000 files of releases"],
        ),
        (_files(limits.FILES), [], []),
        (_files(limits.FILES + 1), [], ["1.0: 20,000 files of releases"]),
        (
            _files(limits.FILES // 2 + 1),
            [{**PUBLISH, "do": "replace", "project": "six"}],
            ["contents: 20,000 files of releases"],
        ),
    ],
)
def test_first_place_above_a_limit_is_found(
    packages: dict[str, Any], steps: list[dict[str, Any]], texts: list[str]
) -> None:
    """A number at its limit is accepted, and the first value above the limit is reported."""
    assert found(packages, *steps) == texts


def test_own_files_count_together() -> None:
    """Files of the scenario, files of its edits, and replaced strings share one limit."""
    files = {f"f{number}.md": "x" for number in range(limits.OWN_FILES - 1)}
    edit = {"do": "edit", "project_files": {"uv": "x"}, "local_projects": {"six": {"path": "six"}}}
    assert found({}, files=files) == []
    assert found({}, edit, files=files) == ["six: 500 files and local projects of its own"]
    change = {"old": "x", "new": "y"}
    edit = {"do": "edit", "replace_text": {"f0.md": change, "f1.md": change}}
    assert found({}, edit, files=files) == ["f1.md: 500 files and local projects of its own"]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": [1] * (limits.VALUES - 1)}, None),
        ({"a": [1] * limits.VALUES}, ("a",)),
        ({"a": {"b": [0, 2**63 - 1, -(2**63), True, float("inf")]}}, None),
        ({"a": {"b": [0, 2**63]}}, ("a", "b", 1)),
        ({"a": {"b": -(2**63) - 1}}, ("a", "b")),
    ],
)
def test_data_of_a_file_is_limited(data: dict[str, Any], path: tuple[str, ...] | None) -> None:
    """Too many values in a file, and integers of more than 64 bits, are reported."""
    assert [finding.path for finding in check_data(data)] == ([path] if path else [])
