"""Scenarios that the reference installer skips."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.scenario.model import Scenario


@pytest.mark.parametrize(
    ("tables", "step", "reason"),
    [
        ({"project-files": {"uv": ""}}, {"do": "sync"}, "its project file is only for uv"),
        ({}, {"command": {"uv": "uv sync"}}, "step 1 is a command line only for uv"),
        ({}, {"command": {"reference": "reference sync"}}, "reference does not play verbatim"),
        ({}, {"do": "sync", "release": "==0.8"}, "reference has no release ==0.8"),
        ({}, {"do": "sync", "index-strategy": "unsafe-first-match"}, "no index strategy"),
        (
            {},
            {"do": "install", "paths": ["a"], "config-settings": {"debug": "on"}},
            "reference passes no config settings to build backends",
        ),
        ({}, {"do": "sync", "python-platform": "linux"}, "resolves only for its own platform"),
        (
            {"project": {"environments": ["sys_platform == 'win32'"]}},
            {"do": "lock"},
            "reference resolves only for its own environment",
        ),
        ({"project": {"link-mode": "hardlink"}}, {"do": "sync"}, "without links into its cache"),
        (
            {"project": {"dependencies": ["six; sys_platform == 'nowhere'"]}},
            {"do": "lock", "expect": {"locked": {"six": "1.0"}}},
            "reference has no packages for other platforms or Pythons in its lockfile: six is",
        ),
    ],
)
def test_scenario_for_others_is_not_played(
    tables: dict[str, Any], step: dict[str, Any], reason: str
) -> None:
    """A scenario with a setting that the reference installer does not support is skipped."""
    scenario = Scenario.model_validate({"title": "t", "steps": [step], **tables})
    adapter = ReferenceAdapter(InstallerSpec.parse("reference:obey-no-store"))
    assert reason in (adapter.lacks(scenario) or "")
