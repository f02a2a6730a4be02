"""Conflicts between the paths of files, folders, projects and venvs in the workspace."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.workspace_checks import check_workspace
from pytest_indexcache.scenario.model import Scenario

MINE = {"local-projects": {"mine": {"path": "mine"}}}


@pytest.mark.parametrize(
    ("tables", "step", "expected"),
    [
        ({"local-projects": {"mine": {"path": "project"}}}, {}, ("local-projects", "mine", "path")),
        (
            {"local-projects": {"mine": {"path": "x/../project"}}},
            {},
            ("local-projects", "mine", "path"),
        ),
        (MINE, {"folder": "mine"}, ("local-projects", "mine", "path")),
        (MINE, {"venv": "mine"}, ("steps", 0, "venv")),
        ({}, {"venv": "project"}, ("steps", 0, "venv")),
        ({"files": {"project": ""}}, {}, ("files", "project")),
        ({"files": {"mine": ""}, **MINE}, {}, ("files", "mine")),
        ({"files": {"a.txt": "", "a.txt/b.txt": ""}}, {}, ("files", "a.txt/b.txt")),
        ({"files": {"a/..": ""}}, {}, ("files", "a/..")),
        ({"files": {"mine/x.txt": "", "project/y.txt": ""}, **MINE}, {"venv": "other"}, None),
    ],
)
def test_places_of_the_workspace(
    tables: dict[str, Any], step: dict[str, Any], expected: tuple[str | int, ...] | None
) -> None:
    """A path that is used both as file and folder, or for two folders, is reported at its key."""
    steps = [{"do": "sync", **step}]
    scenario = Scenario.model_validate({"title": "x", "steps": steps, **tables})
    assert [finding.path for finding in check_workspace(scenario)] == (
        [expected] if expected else []
    )
