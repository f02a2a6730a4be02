"""Commands in logs, converted to steps."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.facts.command_steps import CommandIndex, step_of_commands

URL = "https://a.example/simple"


@pytest.mark.parametrize(
    ("command", "verb", "keys", "requirements"),
    [
        ("uv sync --frozen --extra cpu -v", "sync", {"frozen": True, "extras": ["cpu"]}, []),
        ("uv -v sync --inexact", "sync", {"inexact": True}, []),
        ("uv run --extra cpu pytest -k x", "sync", {"extras": ["cpu"]}, []),
        ("uv lock --upgrade", "lock", {"upgrade": True}, []),
        ("uv add 'six>=1' --optional a", "add", {}, ["six>=1"]),
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
    step = step_of_commands([command])
    assert step is not None
    assert (step.verb, step.keys, list(step.requirements)) == (verb, keys, requirements)


@pytest.mark.parametrize("command", ["uv venv", "pip list", "uv cache clean", "pip", "uv", "ls"])
def test_command_without_a_step(command: str) -> None:
    """A command that makes no request to an index does not become a step."""
    assert step_of_commands([command]) is None


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
    """Indexes named by options and variables are kept without their credentials."""
    step = step_of_commands([command])
    assert step is not None
    assert step.indexes == (CommandIndex(URL, role, name),)


def test_command_that_printed_the_log_is_chosen() -> None:
    """Of several commands, one with -v is chosen first, and then the one with most options."""
    commands = ["uv sync --frozen --offline", "uv sync -v", "uv venv"]
    step = step_of_commands(commands)
    assert step is not None
    assert step.text == "uv sync -v"
