"""Files, lockfiles and caches that a step needs, and that must exist before the step."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.order.order_checks import check_order
from pytest_indexcache.scenario.model import Scenario

SIX = {"requirements": ["six"]}
LOCKED = {"expect": {"locked": {"six": "1.0"}}}
INSTALLED = {"expect": {"installed": {"six": "1.0"}}}
MISSING: dict[str, Any] = {"expect": {"exit": "failure"}}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"do": "compile", **SIX, **LOCKED}], []),
        (
            [{"do": "compile", **SIX, "expect": {"locked": {"six": {"files": ["six*.whl"]}}}}],
            [(0, "expect", "locked", "six", "files")],
        ),
        (
            [
                {
                    "do": "compile",
                    **SIX,
                    "to": "pylock.toml",
                    "expect": {"locked": {"six": {"files": ["six*.whl"]}}},
                }
            ],
            [],
        ),
        (
            [{"do": "install", **SIX, "expect": {"lockfile": "unchanged"}}],
            [(0, "expect", "lockfile")],
        ),
        ([{"do": "lock", "expect": {"lockfile": "changed"}}], []),
        ([{"do": "install", **SIX, **LOCKED}], [(0, "expect", "locked")]),
        ([{"do": "lock", **LOCKED}], []),
        ([{"do": "lock"}, {"do": "install", **SIX, **LOCKED}], []),
        (
            [{"do": "lock", "folder": "a"}, {"do": "install", **SIX, **LOCKED}],
            [(1, "expect", "locked")],
        ),
        ([{"command": {"uv": "uv lock"}, **LOCKED}], []),
        ([{"command": {"uv": "uv lock"}}, {"do": "install", **SIX, **LOCKED}], []),
        ([{"do": "sync", "frozen": True}], [(0, "frozen")]),
        ([{"do": "sync", "locked": True}], [(0, "locked")]),
        ([{"do": "sync", "frozen": True, **MISSING}], []),
        ([{"do": "sync"}, {"do": "sync", "frozen": True}], []),
        ([{"do": "edit", "files": {"project/uv.lock": ""}}, {"do": "sync", "frozen": True}], []),
        ([{"do": "sync-requirements"}], [(0, "file")]),
        ([{"do": "sync-requirements", **MISSING}], []),
        ([{"do": "compile", **SIX}, {"do": "sync-requirements"}], []),
        ([{"do": "compile", **SIX, "to": "a.txt"}, {"do": "sync-requirements"}], [(1, "file")]),
        (
            [
                {"do": "edit", "files": {"project/requirements.txt": ""}},
                {"do": "sync-requirements", "file": "x/../requirements.txt"},
            ],
            [],
        ),
        ([{"do": "clear-cache", **INSTALLED}], [(0, "expect", "installed")]),
        ([{"do": "lock", **INSTALLED}], [(0, "expect", "installed")]),
        ([{"do": "sync"}, {"do": "clear-cache", **INSTALLED}], []),
        ([{"do": "sync", "venv": "a"}, {"do": "lock", **INSTALLED}], [(1, "expect", "installed")]),
        ([{"do": "install", "paths": ["six.whl"]}], [(0, "paths", 0)]),
        ([{"do": "install", "paths": ["six.whl"], **MISSING}], []),
        ([{"do": "damage", "entries": "*", "how": "remove"}], [(0,)]),
        ([{"do": "lock"}, {"do": "damage", "entries": "*", "how": "remove"}], []),
        ([{"do": "damage", "what": "page", "how": "zero"}], [(0,)]),
    ],
)
def test_what_is_needed_is_there(steps: list[dict[str, Any]], expected: list[Any]) -> None:
    """A step that needs a file or lockfile which no earlier step makes is reported."""
    scenario = Scenario.model_validate({"title": "x", "steps": steps})
    assert [finding.path for finding in check_order(scenario)] == [("steps", *p) for p in expected]
