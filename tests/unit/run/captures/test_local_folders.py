"""Local projects of a capture, in folders named by the project, its files or a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.drafts.captures.commands import captured_step
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture

LIB = """\
[project]
name = "Acme.Lib"
version = "2.0"
dependencies = ["six"]
optional-dependencies = { fast = ["attrs"] }
[build-system]
requires = ["hatchling"]
"""
TABLE = {
    "path": "project/libs/core",
    "version": "2.0",
    "requires": ["six"],
    "extras": {"fast": ["attrs"]},
}


def _plan(folder: Path, command: str, text: str, requirements: str = "") -> dict[str, object]:
    head = '[project]\nname = "shop"\nversion = "1"\ndependencies = []\n'
    (folder / "pyproject.toml").write_text(head + text)
    (folder / "requirements.txt").write_text(requirements)
    (folder / "libs" / "core").mkdir(parents=True)
    (folder / "libs" / "core" / "pyproject.toml").write_text(LIB)
    (folder / "libs" / "old").mkdir()
    (folder / "libs" / "old" / "pyproject.toml").write_text("[tool.poetry]\nname = 'old'\n")
    (folder / "a.whl").write_text("")
    step = captured_step(command.split())
    plan = plan_capture(CaptureRequest(folder, (step,), environment={}))
    return dict(plan.project.tables)


@pytest.mark.parametrize(
    ("command", "text", "requirements"),
    [
        ("uv sync", '[tool.uv.sources]\nlib = { path = "./libs/core", editable = true }\n', ""),
        ("uv sync", '[tool.uv.workspace]\nmembers = ["libs/c*"]\n', ""),
        ("poetry install", '[tool.poetry.dependencies]\nlib = { path = "libs/core" }\n', ""),
        (
            "pdm install",
            '[tool.pdm.dev-dependencies]\na = ["-e file:///${PROJECT_ROOT}/libs/core"]',
            "",
        ),
        ("pip install -r requirements.txt", "", "-e ./libs/core\n"),
        ("pip install -r requirements.txt", "", "./libs/core[fast] ; python_version > '3'\n"),
        ("pip install -e ./libs/core", "", ""),
        ("uv pip install ./libs/core[fast]", "", ""),
    ],
)
def test_local_project_is_taken_in(
    command: str, text: str, requirements: str, tmp_path: Path
) -> None:
    """A folder that the project names becomes a local project at the same path."""
    tables = _plan(tmp_path, command, text, requirements)
    assert tables["local-projects"] == {"acme-lib": TABLE}


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        (
            "uv sync",
            '[tool.uv.sources]\nlib = { path = "../lib" }\n',
            r"tool\.uv\.sources\.lib\.path: '\.\./lib' is not in the project's folder",
        ),
        (
            "uv sync",
            '[tool.uv.sources]\nlib = { path = "a.whl" }\n',
            r"tool\.uv\.sources\.lib\.path: 'a\.whl' is a file",
        ),
        (
            "uv sync",
            '[tool.uv.sources]\nlib = { path = "libs" }\n',
            r"tool\.uv\.sources\.lib\.path: there is no pyproject\.toml in 'libs'",
        ),
        (
            "uv sync",
            '[tool.uv.sources]\nlib = { path = "libs/old" }\n',
            r"libs/old/pyproject\.toml has no \[project\] table",
        ),
        (
            "uv sync",
            '[tool.uv.sources]\nlib = { git = "https://github.com/a/b" }\n',
            r"tool\.uv\.sources\.lib\.git: a repository cannot be captured",
        ),
        (
            "uv sync",
            '[tool.uv.workspace]\nmembers = ["../*"]\n',
            r"tool\.uv\.workspace\.members\[0\]: '\.\./\*' is not in the project's folder",
        ),
        ("pip install -e .", "", r"pip install -e \.: '\.' is the project itself"),
    ],
)
def test_path_that_cannot_be_taken_in_is_refused(
    command: str, text: str, said: str, tmp_path: Path
) -> None:
    """A path that no scenario can have is refused with its key path, before any command runs."""
    with pytest.raises(CommandError, match=said):
        _plan(tmp_path, command, text)
