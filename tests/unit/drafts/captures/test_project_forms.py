"""The form of a captured project: neutral if that has the same effect, or else as written."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.captures.commands import captured_step
from pytest_indexcache.drafts.captures.project_forms import ProjectUse, captured_project
from pytest_indexcache.drafts.captures.projects import project_data

PROJECT = '[project]\nname = "acme-shop"\nversion = "2.0"\ndependencies = ["six>=1"]\n'
GROUPS = '[dependency-groups]\ndev = ["idna"]\n'
INDEX = '[[tool.uv.index]]\nname = "pytorch"\nurl = "https://download.pytorch.org/whl/cpu/"\n'
SOURCE = 'source = [{ name = "corp", url = "https://a.example/simple/" }]\n'


def _captured(text: str, command: str, *, has_lockfile: bool = False) -> dict[str, Any]:
    """Return the tables of a project for a command."""
    step = captured_step(command.split())
    use = ProjectUse((step,), has_lockfile)
    return dict(captured_project(project_data(PROJECT + text), step.installer, use).tables)


@pytest.mark.parametrize(
    ("text", "command", "has_lockfile"),
    [
        ("", "uv sync", True),
        (GROUPS, "uv sync", False),
        (INDEX, "uv sync", True),
        (INDEX + 'explicit = true\ncache-control = { api = "no-cache" }\n', "uv lock", False),
        ('[tool.uv]\nconflicts = [[{ extra = "a" }, { group = "b" }]]\n', "uv sync", False),
        ("[tool.other]\nx = 1\n", "uv sync", False),
        ("[tool.poetry]\npackage-mode = true\n", "poetry lock", False),
    ],
)
def test_neutral_project(text: str, command: str, has_lockfile: bool) -> None:
    """A project becomes a neutral project if other installers can read it, too."""
    tables = _captured(text, command, has_lockfile=has_lockfile)
    assert "project-files" not in tables
    assert tables["project"]["name"] == "acme-shop"


@pytest.mark.parametrize(
    ("text", "command", "has_lockfile"),
    [
        (GROUPS, "uv sync", True),
        (GROUPS, "uv sync --all-extras", False),
        (GROUPS, "uv add idna", False),
        ("", "uv sync --no-dev", False),
        ("", "uv run python -c 1", False),
        (INDEX + 'format = "flat"\n', "uv sync", False),
        (INDEX + 'authenticate = "always"\n', "uv sync", False),
        (INDEX + 'cache-control = { api = "no-cache", other = "x" }\n', "uv sync", False),
        ('[tool.uv]\nconflicts = [[{ package = "x", extra = "a" }]]\n', "uv sync", False),
        ('[tool.uv]\ndefault-groups = ["docs"]\n', "uv sync", False),
        ("[tool.uv]\nmanaged = false\n", "uv sync", False),
        ('[tool.uv]\ndev-dependencies = ["idna"]\n', "uv sync", False),
        (GROUPS, "poetry lock", False),
        ("", "poetry lock", True),
        (f"[tool.poetry]\n{SOURCE}", "poetry lock", False),
        ('[tool.poetry.group.test.dependencies]\nidna = "*"\n', "poetry lock", False),
        ("", "poetry install", False),
        ("", "pdm install", False),
        (f"[tool.pdm]\n{SOURCE}", "pdm install", False),
    ],
)
def test_project_that_is_kept_as_written(text: str, command: str, has_lockfile: bool) -> None:
    """Settings and commands without a neutral form leave the user's own project file in place."""
    tables = _captured(text, command, has_lockfile=has_lockfile)
    assert list(tables) == ["project-files"]
    (written,) = tables["project-files"].values()
    installer = command.partition(" ")[0]
    tool = project_data(PROJECT + text).get("tool", {}).get(installer, {})
    own = written["tool"][installer]
    assert {key: own[key] for key in tool if key != "package-mode"} == tool


def test_sources_of_pdm_are_kept_as_written() -> None:
    """PDM's sources and groups keep the user's order, patterns and settings."""
    text = (
        "[tool.pdm.resolution]\nrespect-source-order = false\n"
        '[tool.pdm.dev-dependencies]\ntest = ["idna"]\n'
        '[[tool.pdm.source]]\nname = "pypi"\nurl = "https://a.example/simple/"\n'
        'exclude_packages = ["acme-*"]\n'
        '[[tool.pdm.source]]\nname = "b"\nurl = "https://joe:pw@b.example/simple"\n'
        'include_packages = ["acme-*"]\nverify_ssl = false\nusername = "joe"\n'
    )
    written = _captured(text, "pdm install")["project-files"]["pdm"]
    assert written["tool"]["pdm"] == {
        "resolution": {"respect-source-order": False},
        "dev-dependencies": {"test": ["idna"]},
        "source": [
            {
                "name": "pypi",
                "url": "https://a.example/simple/",
                "exclude_packages": ["acme-*"],
            },
            {
                "name": "b",
                "url": "https://b.example/simple",
                "include_packages": ["acme-*"],
                "verify_ssl": False,
            },
        ],
        "distribution": False,
    }


def test_dynamic_dependencies_stay_dynamic() -> None:
    """If dependencies are dynamic, Poetry's own table is read in addition to [project]."""
    text = 'dynamic = ["readme", "dependencies"]\n[tool.poetry.dependencies]\nsix = "<2"\n'
    written = _captured(text, "poetry install")["project-files"]["poetry"]
    assert written["project"]["dynamic"] == ["dependencies"]
    assert written["tool"]["poetry"]["dependencies"] == {"six": "<2"}
