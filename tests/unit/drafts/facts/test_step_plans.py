"""The steps of a draft, chosen from the commands of a thread."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.facts.step_plans import added_requirements, repeats, step_plan
from pytest_indexcache.drafts.files.project_files import ProjectWords

EXTRA = "--extra-index-url https://a.example/simple"
FILES = {"o.txt": "six==1.0\n", "r.in": "attrs>=20\n"}


@pytest.mark.parametrize(
    ("commands", "verbs", "is_repeating"),
    [
        (["uv sync -v"], ["sync"], False),
        (["uv sync", "rm -rf .venv", "uv sync -v"], ["sync"], False),
        (["uv add six", "uv add attrs", "uv sync"], ["add", "add", "sync"], True),
        (["uv sync --extra a", "uv sync --extra b"], ["sync", "sync"], False),
        (
            ["uv sync --extra a", "uv sync --extra b", "uv sync --extra a"],
            ["sync", "sync", "sync"],
            True,
        ),
        (
            ["uv sync --extra a", "uv cache clean", "uv sync", "uv sync --extra a"],
            ["sync", "clear-cache", "sync", "sync"],
            False,
        ),
        (
            ["uv cache clean", "uv pip uninstall six", "pip install six", "uv pip install attrs"],
            ["install", "install"],
            False,
        ),
        (
            ["uv pip install six", "uv pip uninstall six", "uv pip install six --offline"],
            ["install", "uninstall", "install"],
            True,
        ),
        ([f"uv pip install six {EXTRA}", "uv pip install six"], ["install", "install"], False),
        (["uv add six", "uv add attrs"], ["add", "add"], False),
        (["uv pip install -e .", "uv pip install six"], ["install"], False),
        (["uv lock", "uv sync --frozen", "uv venv"], ["lock", "sync"], False),
        (["uv add git+https://a.example/six", "uv sync --extra a"], ["sync", "sync"], False),
    ],
)
def test_commands_are_played_in_their_order(
    commands: list[str], verbs: list[str], is_repeating: bool
) -> None:
    """All different commands become steps, from the first to the last that asks an index."""
    plan = step_plan(commands, ProjectWords(), {}, are_listed=True)
    assert [step.verb for step in plan.steps] == verbs
    assert repeats(plan.steps, len(plan.steps) - 1) is is_repeating


def test_commands_of_prose_are_not_a_list() -> None:
    """Of several commands in prose, one with -v is chosen, or else the one with most options."""
    commands = ["uv sync --frozen --offline", "uv sync -v", "uv venv"]
    plan = step_plan(commands, ProjectWords(), {}, are_listed=False)
    assert [step.text for step in plan.steps] == ["uv sync -v"]
    assert not plan.is_whole


def test_project_is_synced_instead_of_installed() -> None:
    """``pip install -e .`` becomes a sync if there is a project file."""
    words = ProjectWords({"dependencies": ["six"]})
    (step,) = step_plan(["uv pip install -e . --no-deps"], words, {}, are_listed=True).steps
    assert (step.verb, step.keys) == ("sync", {"no-deps": True})


@pytest.mark.parametrize(
    ("commands", "added"),
    [
        (["uv add six>=1", "uv sync"], ["six>=1"]),
        (["uv add six --optional a", "uv sync"], []),
        (["uv add six --optional a", "uv sync --extra a"], ["six"]),
        (["uv add six --group a", "uv sync --group a", "uv add attrs"], ["six"]),
    ],
)
def test_requirements_that_earlier_steps_added(commands: list[str], added: list[str]) -> None:
    """A sync installs added requirements; those of an extra or group only if it is selected."""
    steps = step_plan(commands, ProjectWords(), {}, are_listed=True).steps
    sync = next(step for step in steps if step.verb == "sync")
    assert [str(each) for each in added_requirements(steps, sync)] == added


def test_requirements_files_of_a_thread_are_read() -> None:
    """A step gets the requirements of a file in the thread, and other files are left out."""
    command = "uv pip install -r a/r.in --override o.txt -c none.txt"
    (step,) = step_plan([command], ProjectWords(), FILES, are_listed=True).steps
    assert step.requirements == ("attrs>=20",)
    assert step.keys == {"overrides": ["six==1.0"]}
    assert step.unread == ("none.txt",)


GROUPS = ProjectWords(
    {"optional-dependencies": {"a": ["six"]}, "dependency-groups": {"dev": ["six"], "docs": []}},
    default_groups=("dev",),
)


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("uv sync", {"groups": ["dev"]}),
        ("uv run x", {"groups": ["dev"]}),
        ("uv sync --group docs", {"groups": ["docs", "dev"]}),
        ("uv sync --all-groups", {"groups": ["dev", "docs"]}),
        ("uv sync --no-dev", {}),
        ("uv sync --no-group dev", {}),
        ("uv sync --no-default-groups", {}),
        ("uv sync --only-group docs", {"groups": ["docs"]}),
        ("uv sync --all-extras --no-dev", {"extras": ["a"]}),
        ("uv sync --all-extras --no-extra a --no-dev", {}),
        ("poetry install", {"groups": ["dev"]}),
        ("poetry install --with docs,none", {"groups": ["docs", "none", "dev"]}),
        ("poetry install --without dev", {}),
        ("poetry install --without=dev,docs --all-groups", {}),
        ("poetry install --only docs,dev", {"groups": ["docs", "dev"]}),
        ("poetry install -E 'a b' --no-dev", {"extras": ["a", "b"]}),
        ("poetry update --all-extras --all-groups", {"extras": ["a"], "groups": ["dev", "docs"]}),
        ("pdm install -d", {"groups": ["dev"]}),
        ("pdm install -G a,docs", {"extras": ["a"], "groups": ["docs", "dev"]}),
        ("pdm install -G:all", {"extras": ["a"], "groups": ["dev", "docs"]}),
        ("pdm install -G :all --without dev", {"extras": ["a"], "groups": ["docs"]}),
        ("pdm sync --prod --group docs", {"groups": ["docs"]}),
        ("pdm sync --with :all --without a,dev", {"groups": ["docs"]}),
        ("uv lock", {}),
        ("uv pip install six", {}),
    ],
)
def test_extras_and_groups_of_a_sync(command: str, keys: dict[str, list[str]]) -> None:
    """A sync selects the command's extras and groups, and the default groups not excluded."""
    (step,) = step_plan([command], GROUPS, {}, are_listed=True).steps
    assert step.keys == keys
