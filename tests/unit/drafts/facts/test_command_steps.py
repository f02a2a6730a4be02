"""Commands in logs, converted to steps."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.facts.command_steps import (
    CommandIndex,
    CommandStep,
    steps_of_command,
)

URL = "https://a.example/simple"


def step_of(command: str) -> CommandStep:
    """Return the only step of a command that asks an index."""
    (step,) = [step for step in steps_of_command(command) if step.asks]
    return step


@pytest.mark.parametrize(
    ("command", "verb", "keys", "requirements"),
    [
        ("uv sync --frozen --extra cpu -v", "sync", {"frozen": True, "extras": ["cpu"]}, []),
        ("uv -v sync --inexact", "sync", {"inexact": True}, []),
        ("uv run --extra cpu pytest -k x", "sync", {"extras": ["cpu"]}, []),
        ("uv lock --upgrade", "lock", {"upgrade": True}, []),
        ("uv add 'six>=1' --optional a", "add", {"optional": "a"}, ["six>=1"]),
        ("uv add six --group docs", "add", {"group": "docs"}, ["six"]),
        ("uv add --dev six", "add", {"group": "dev"}, ["six"]),
        ("uv sync --only-group docs --dev", "sync", {"groups": ["docs", "dev"]}, []),
        ("poetry install -E cpu --only docs", "sync", {"extras": ["cpu"], "groups": ["docs"]}, []),
        ("poetry add six@1 -G docs", "add", {"group": "docs"}, []),
        ("pdm add six -G docs", "add", {"group": "docs"}, ["six"]),
        ("pdm add -dG docs six", "add", {"group": "docs"}, ["six"]),
        ("pdm add -d six", "add", {"group": "dev"}, ["six"]),
        ("poetry add -D six", "add", {"group": "dev"}, ["six"]),
        ("cd /x; uv sync; echo done", "sync", {}, []),
        ("uv pip compile a.in --no-cache", "compile", {"no-cache": True}, []),
        ("uv pip install --pre six -r a.txt", "install", {"prereleases": True}, ["six"]),
        ("uv pip install --override a.txt b.txt six", "install", {}, ["six"]),
        ("uv tool install --with six ruff", "install", {}, ["ruff"]),
        ("pip3 install -vv six", "install", {}, ["six"]),
        ("pip download six", "install", {}, ["six"]),
        ("/usr/bin/python3 -m pip install six", "install", {}, ["six"]),
        ("time sudo RUST_LOG=trace uv sync --offline", "sync", {"offline": True}, []),
        ("uv venv && uv pip install six > log", "install", {}, ["six"]),
    ],
)
def test_command_becomes_a_step(
    command: str, verb: str, keys: dict[str, Any], requirements: list[str]
) -> None:
    """The step has the verb, options and requirements of the command line."""
    step = step_of(command)
    assert (step.verb, step.keys, list(step.requirements)) == (verb, keys, requirements)


@pytest.mark.parametrize(
    ("command", "unread"),
    [
        ("uv sync --only-group docs", "the 'only' of --only-group docs"),
        ("uv sync --only-dev", "the 'only' of --only-dev"),
        ("poetry install --only docs", "the 'only' of --only docs"),
        ("pdm install --no-default", "--no-default"),
        ("uv sync --package a", "--package a"),
    ],
)
def test_parts_of_a_command_that_are_left_out(command: str, unread: str) -> None:
    """The draft says which options a step does not have, or has only in part."""
    (text,) = step_of(command).unread
    assert text == unread


@pytest.mark.parametrize("command", ["pip list", "uv cache dir", "pip", "uv", "ls", "rm -rf x"])
def test_command_without_a_step(command: str) -> None:
    """A command that the language cannot express does not become a step."""
    assert steps_of_command(command) == ()


@pytest.mark.parametrize(
    ("command", "verb", "keys"),
    [
        ("uv venv --python 3.12", "remove-venv", {}),
        ("rm -rf ./.venv", "remove-venv", {}),
        ("uv cache clean", "clear-cache", {}),
        ("uv cache clean torch", "clear-cache", {"projects": ["torch"]}),
        ("pip cache purge", "clear-cache", {}),
        ("uv cache prune", "prune-cache", {}),
        ("pip uninstall -y six", "uninstall", {"projects": ["six"]}),
        ("uv pip uninstall six attrs", "uninstall", {"projects": ["six", "attrs"]}),
        ("uv remove six --group dev", "remove", {"projects": ["six"], "group": "dev"}),
    ],
)
def test_command_that_asks_no_index(command: str, verb: str, keys: dict[str, Any]) -> None:
    """Commands that change the venv, the cache or the project become steps, too."""
    (step,) = steps_of_command(command)
    assert (step.verb, step.keys, step.asks) == (verb, keys, False)


@pytest.mark.parametrize(
    ("command", "role", "name"),
    [
        (f"uv sync --index-url {URL}", "default", ""),
        (f"uv sync --default-index={URL}", "default", ""),
        (f"uv sync --index team={URL}", "extra", "team"),
        (f"pip install -i {URL} six", "default", ""),
        ("pip install --extra-index-url https://me:secret@a.example/simple six", "extra", ""),
        (f"pip install -f {URL} six", "links", ""),
        (f"UV_INDEX_URL={URL} uv sync", "default", ""),
        (f"UV_EXTRA_INDEX_URL={URL} uv sync", "extra", ""),
        (f"PIP_INDEX_URL={URL} pip install six", "default", ""),
        ("pip install -i https://<user>:<token>@a.example/simple six", "default", ""),
    ],
)
def test_index_of_a_command(command: str, role: str, name: str) -> None:
    """Indexes that options and variables name are kept without credentials."""
    step = step_of(command)
    assert step.indexes == (CommandIndex(URL, role, name),)
