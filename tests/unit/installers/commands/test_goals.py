"""The goal of a verbatim command: the projects that it installs."""

from __future__ import annotations

from functools import partial

import pytest

from pytest_indexcache.installers.commands.goals import command_goal
from pytest_indexcache.installers.contract.goals import InstallGoal

project_goal = partial(InstallGoal, project=True)


@pytest.mark.parametrize(
    ("command", "goal"),
    [
        ("uv sync", InstallGoal(project=True)),
        ("uv sync --frozen --inexact", InstallGoal(project=True, frozen=True)),
        ("uv sync --extra cpu --group=dev", project_goal(extras=("cpu",), groups=("dev",))),
        ("uv --offline sync", InstallGoal(project=True)),
        ("uv sync --dry-run", None),
        ("uv sync --only-group dev", None),
        ("uv sync --no-install-package six", None),
        ("uv run --extra cpu python -c pass", InstallGoal(project=True, extras=("cpu",))),
        ("uv run -- python --dry-run", InstallGoal(project=True)),
        ("uv run --no-sync python", None),
        ("uv add six --index a=https://a.example", InstallGoal(("six",))),
        ("uv add --no-sync six", None),
        ("uv add --frozen six", None),
        ("uv lock", None),
        ("uv pip install six==1.0 -U --no-deps", InstallGoal(("six==1.0",))),
        ("uv pip install -e ../lib -r r.txt", InstallGoal(paths=("../lib",), files=("r.txt",))),
        ("uv pip install --target x six", None),
        ("uv pip install --dry-run six", None),
        ("uv pip sync requirements.txt", InstallGoal(files=("requirements.txt",))),
        ("uv pip uninstall six", None),
        ("pip install six --index-url https://a.example", InstallGoal(("six",))),
        ("pip install --user six", None),
        ("pip download six", None),
        ("poetry install --no-root -E a", InstallGoal(project=True, extras=("a",))),
        ("poetry --no-cache sync --with dev,docs", project_goal(groups=("dev", "docs"))),
        ("poetry install --dry-run", None),
        ("poetry update --lock", None),
        ("poetry add six", InstallGoal(("six",))),
        ("pdm sync -G a", project_goal(extras=("a",), groups=("a",), frozen=True)),
        ("pdm install --no-default", None),
        ("pdm add --no-sync six", None),
        # Options may stand before the subcommand, short ones joined, values after "=".
        ("uv -v --color never pip install six", InstallGoal(("six",))),
        ("uv --directory lib sync", None),
        ("uv pip install -qU -rreq.txt", InstallGoal(files=("req.txt",))),
        ("uv pip install --requirement=req.txt --no-binary six", InstallGoal(files=("req.txt",))),
        ("uv run -qw six python -c pass", InstallGoal(project=True)),
        ("uv run --isolated python -c pass", None),
        ("uv tool install six", None),
        ("uvx six", None),
        ("uvx sync", None),
        ("pip -v --timeout 5 install -Ur req.txt", InstallGoal(files=("req.txt",))),
        ("pip -v install --only-deps six", None),
        ("pip install --wrong six", None),
        ("poetry -nq install --extras=a", InstallGoal(project=True, extras=("a",))),
        ("poetry -C lib install", None),
        ("pdm -v sync -Ga,b", project_goal(extras=("a", "b"), groups=("a", "b"), frozen=True)),
        ("pdm -p lib install", None),
        ("nab install six", None),
    ],
)  # fmt: skip
def test_goal_of_a_command(command: str, goal: InstallGoal | None) -> None:
    """If an option changes the projects or the target, the goal of a command is unknown."""
    installer = "uv" if command.startswith("uvx") else command.split(maxsplit=1)[0]
    assert command_goal(installer, command) == goal
    assert command_goal(installer, command.split()) == goal
