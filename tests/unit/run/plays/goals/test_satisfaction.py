"""Requirements of a step, compared with its venv."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.installers.contract.goals import InstallGoal
from pytest_indexcache.run.plays.goals.satisfaction import GoalCheck, goal_of
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.model import Scenario

PROJECT = """\
[project]
name = "app"
version = "1"
dependencies = ["six>=1.16", "tomli; python_version < '3.11'", "App[gpu]"]
[project.optional-dependencies]
cpu = ["torch==2.9.0", "over==1"]
gpu = ["torch==2.8.0"]
[dependency-groups]
test = ["pytest>=8", {include-group = "Lint_er"}]
lint-er = ["ruff"]
[tool.uv]
override-dependencies = ["over>=3"]
exclude-dependencies = ["gone"]
[tool.uv.sources]
lib = { path = "../lib" }
"""
CPU = InstallGoal(project=True, extras=("cpu",))
TEST = InstallGoal(project=True, groups=("test",))


def missing(
    folder: Path, goal: InstallGoal, *, python: str = "3.12.1", locked: str = "", **installed: str
) -> tuple[str, ...]:
    """Return the unmet requirements of a goal; an empty ``python`` means that there is no venv."""
    project = folder / "project"
    project.mkdir(exist_ok=True)
    venv = project / ".venv"
    if python:
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "bin/python").touch()
        (venv / "pyvenv.cfg").write_text(f"version_info = {python}.final.0\n", encoding="utf-8")
    found = {name: Distribution(name, version, venv) for name, version in installed.items()}
    return GoalCheck(goal, project, venv, found, locked.split).missing


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a workspace with a project file."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("goal", "installed", "expected"),
    [
        (InstallGoal(("six",)), {"six": "1.0"}, ()),
        (InstallGoal(("Six>=2",)), {"six": "1.0"}, ("six 1.0 is installed, >=2 is asked for",)),
        (InstallGoal(("six", "six<1")), {}, ("six is not installed",)),
        (InstallGoal(("torch==2.9.0",)), {"torch": "2.9.0+cpu"}, ()),
        (InstallGoal(("torch>=2",)), {"torch": "2.9.0rc1"}, ()),
        (InstallGoal(("six[dev]; python_version < '3'",)), {}, ()),
        (InstallGoal(("a @ https://x.example/a-1-py3-none-any.whl",)), {"a": "3"}, ()),
        (InstallGoal(("https://x.example/A_b-1%2Bcpu-py3-none-any.whl",)), {"a-b": "1"}, ()),
        (InstallGoal(("https://x.example/a-1-py3-none-any.whl",)), {}, ("a is not installed",)),
        (InstallGoal(("six==1",), overrides=("six==2",)), {"six": "2"}, ()),
        (InstallGoal(("six==1",), overrides=("six==2; python_version < '3'",)), {"six": "5"}, ()),
        (InstallGoal(paths=("../nothing",)), {}, ()),
    ],
)  # fmt: skip
def test_requirements_are_held_against_the_venv(
    tmp_path: Path, goal: InstallGoal, installed: dict[str, str], expected: tuple[str, ...]
) -> None:
    """Markers, overrides and local segments count when requirements are compared with the venv."""
    assert missing(tmp_path, goal, **installed) == expected


@pytest.mark.parametrize(
    ("goal", "installed", "expected"),
    [
        (InstallGoal(project=True), {"six": "1.17"}, ()),
        (InstallGoal(project=True), {}, ("six is not installed",)),
        (CPU, {"six": "2", "torch": "2.9.0", "over": "3"}, ()),
        (
            CPU,
            {"six": "2", "torch": "2.8.0", "over": "1"},
            (
                "torch 2.8.0 is installed, ==2.9.0 is asked for",
                "over 1 is installed, >=3 is asked for",
            ),
        ),
        (TEST, {"six": "2", "pytest": "9"}, ("ruff is not installed",)),
        (InstallGoal(("lib>=9", "gone")), {"lib": "1"}, ()),
        (InstallGoal(project=True, groups=("unknown",)), {"six": "2"}, ()),
    ],
)  # fmt: skip
def test_project_asks_for_its_dependencies_and_what_is_chosen(
    project: Path, goal: InstallGoal, installed: dict[str, str], expected: tuple[str, ...]
) -> None:
    """A sync requires neither unselected extras, nor excluded projects, nor the project itself."""
    assert missing(project, goal, **installed) == expected


def test_markers_are_those_of_the_venvs_python(project: Path) -> None:
    """Markers are evaluated for the venv's Python, not for the Python that runs the tests."""
    goal = InstallGoal(project=True)
    assert missing(project, goal, python="3.10.4", six="2") == ("tomli is not installed",)
    assert missing(project, goal, python="3.11.0", six="2") == ()


def test_frozen_project_asks_for_what_is_locked(project: Path) -> None:
    """With ``frozen``, names and versions come from the lockfile, even if it is outdated."""
    goal = InstallGoal(project=True, frozen=True)
    assert missing(project, goal) == ()
    assert missing(project, goal, locked="six") == ("six is not installed",)
    assert missing(project, goal, locked="six", six="1.0") == ()


def test_project_without_a_venv_is_missing_it(tmp_path: Path) -> None:
    """A sync without requirements must create a venv, too."""
    assert missing(tmp_path, InstallGoal(project=True), python="") == ("there is no venv",)
    assert missing(tmp_path, InstallGoal(project=True)) == ()


def test_requirements_file_asks_for_its_lines(tmp_path: Path) -> None:
    """Hashes, comments and options in a requirements file are not requirements."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/r.txt").write_text(
        "# head\n--no-index\nsix==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "    # via a\n-e ../lib\nother>=2 ; python_version < '3'  # why\n",
        encoding="utf-8",
    )
    goal = InstallGoal(files=("r.txt", "missing.txt"))
    assert missing(tmp_path, goal) == ("six is not installed",)
    assert missing(tmp_path, goal, six="1.0") == ()


def test_local_project_is_asked_for_by_its_name(tmp_path: Path) -> None:
    """A local project is required by the name in its project file."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/pyproject.toml").write_text('[project]\nname = "My.Lib"\n', encoding="utf-8")
    assert missing(tmp_path, InstallGoal(paths=("../lib",))) == ("my-lib is not installed",)


@pytest.mark.parametrize(
    ("step", "goal"),
    [
        ({"do": "sync", "extras": ["a"]}, InstallGoal(project=True, extras=("a",))),
        ({"do": "run", "frozen": True}, InstallGoal(project=True, frozen=True)),
        ({"do": "install", "requirements": ["a"], "paths": ["b"]}, InstallGoal(("a",), ("../b",))),
        ({"do": "add", "requirements": ["a"]}, InstallGoal(("a",))),
        ({"do": "sync-requirements"}, InstallGoal(files=("requirements.txt",))),
        ({"do": "sync", "python-platform": "linux"}, None),
        ({"do": "lock"}, None),
        ({"do": "compile", "requirements": ["a"]}, None),
        ({"do": "uninstall", "projects": ["a"]}, None),
        ({"command": {"uv": "uv sync --extra a"}}, InstallGoal(project=True, extras=("a",))),
        ({"command": {"uv": ["uv", "pip", "install", "a"]}}, InstallGoal(("a",))),
    ],
)
def test_verb_and_command_have_the_same_goal(
    step: dict[str, object], goal: InstallGoal | None
) -> None:
    """A verb and its command line have the same goal."""
    (verb,) = Scenario.model_validate({"title": "t", "steps": [step]}).steps
    assert goal_of(verb, "uv") == goal  # type: ignore[arg-type]
