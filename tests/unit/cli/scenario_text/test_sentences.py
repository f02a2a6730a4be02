"""Steps and expectations written as sentences."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from pytest_indexcache.cli.scenario_text import expectation_text, step_sentence
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import AnyStep, Step

READ: TypeAdapter[AnyStep] = TypeAdapter(Step)
SIX = {"index": "pypi", "project": "six", "version": "1.17.0"}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ({"do": "lock"}, "resolve the project and write the lockfile"),
        ({"do": "sync", "offline": True}, "make the venv match the lockfile (offline)"),
        (
            {"do": "sync", "extras": ["cpu"], "no-cache": True},
            "make the venv match the lockfile (no cache, extras cpu)",
        ),
        ({"do": "run", "import": ["torch"]}, "sync the venv, then import torch"),
        ({"do": "run"}, "sync the venv, then import nothing"),
        (
            {"do": "install", "requirements": ["six", "torch==2.8"], "paths": ["lib"]},
            "install six, torch==2.8, lib",
        ),
        ({"do": "uninstall", "projects": ["six"]}, "uninstall six"),
        ({"do": "clear-cache"}, "clear the installer's cache of all projects"),
        ({"do": "publish", **SIX}, "publish six 1.17.0 on index pypi"),
        ({"do": "delete", "index": "pypi", "project": "six"}, "delete six from index pypi"),
        ({"do": "yank", **SIX, "file": "a.whl"}, "yank a.whl six 1.17.0 on index pypi"),
        (
            {"do": "fail", "index": "pypi", "how": "cut", "kind": "wheel", "project": "six"},
            "make the next wheel request for six of index pypi fail (cut)",
        ),
        (
            {"do": "fail", "index": "pypi", "how": "status", "times": 2, "status": 429},
            "make the next 2 requests of index pypi fail (status) (status 429)",
        ),
        (
            {"do": "fail", "index": "pypi", "how": "not-modified", "kind": "wheel", "times": "all"},
            "make all wheel requests of index pypi get a 304 (not-modified)",
        ),
        ({"do": "remove-venv", "wait": "1.1 s"}, "after 1.1 s, remove the venv"),
        (
            {"command": {"uv": "uv sync --extra cpu"}},
            "run a command line of its own (uv: uv sync --extra cpu)",
        ),
        (
            {"together": [{"do": "lock"}, {"do": "sync", "times": 2, "venv": "v{n}"}]},
            "begin at once: resolve the project and write the lockfile; "
            "2 × make the venv match the lockfile (venv v{n})",
        ),
    ],
)
def test_step_is_one_sentence(step: dict[str, Any], sentence: str) -> None:
    """A step is described by one sentence with its values, and its options at the end."""
    assert step_sentence(READ.validate_python(step)) == sentence


@pytest.mark.parametrize(
    ("expect", "text"),
    [
        ({}, ""),
        ({"downloads": {}}, "no downloads"),
        ({"downloads": {"torch": 1, "*": "any"}}, "downloads: torch 1, * any"),
        ({"requests": {"page": 0}}, "requests: page 0"),
        ({"exit": "failure", "absent": ["six"]}, "exit: failure; absent: six"),
        ({"satisfied": False}, "satisfied: no"),
        ({"locked": {"six": "1.17.0"}}, "locked: six (version 1.17.0)"),
        ({"output": {"contains": ["a", "b"]}}, "output: (contains a, b)"),
    ],
)
def test_expectation_is_told_clause_by_clause(expect: dict[str, Any], text: str) -> None:
    """Each key of ``expect`` becomes one clause, and a missing key does not become a clause."""
    assert expectation_text(Expectation.model_validate(expect)) == text
