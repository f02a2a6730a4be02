"""Commands of users, converted to steps of a scenario."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.captures.commands import NamedIndex, captured_step
from pytest_indexcache.errors import CommandError


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("uv sync --extra cpu", {"do": "sync", "extras": ["cpu"]}),
        (
            "/usr/bin/uv sync -q --frozen --group dev",
            {"do": "sync", "frozen": True, "groups": ["dev"]},
        ),
        ("uv lock --upgrade", {"do": "lock", "upgrade": True}),
        ("uv add six", {"do": "add", "requirements": ["six"]}),
        ("uv pip install six", {"do": "install", "requirements": ["six"]}),
        ("python -m pip install -r r.txt", {"do": "install", "requirements-files": ["r.txt"]}),
        (
            "pip install --index-url https://a.corp/simple six",
            {"do": "install", "requirements": ["six"]},
        ),
        ("poetry lock", {"do": "lock"}),
        ("pdm lock", {"command": {"pdm": "pdm lock"}}),
        ("poetry install", {"command": {"poetry": "poetry install"}}),
        ("uv sync --no-dev", {"command": {"uv": "uv sync --no-dev"}}),
        ("uv sync --no-dev --index https://a.corp/simple", {"command": {"uv": "uv sync --no-dev"}}),
        ("pip download six", {"command": {"pip": "pip download six"}}),
    ],
)
def test_command_is_a_verb_where_it_can_be(command: str, keys: dict[str, Any]) -> None:
    """A command becomes a verb if there is an equivalent verb, or else a verbatim command."""
    assert captured_step(command.split()).keys == keys


def test_indexes_of_a_command_are_named() -> None:
    """Indexes in a command's options are read, including uv's form NAME=URL."""
    words = [
        "uv",
        "sync",
        "--default-index",
        "https://a.corp/simple",
        "--index",
        "b=https://joe:pw@b.corp/",
    ]
    assert captured_step(words).indexes == (
        NamedIndex("https://a.corp/simple", True),
        NamedIndex("https://joe:pw@b.corp/", False, "b"),
    )


@pytest.mark.parametrize("command", ["", "conda install six", "uv sync --cache-dir x", "pip frob"])
def test_command_that_no_scenario_can_have_is_refused(command: str) -> None:
    """Other programs, and options that leave the workspace, are refused before they run."""
    with pytest.raises(CommandError):
        captured_step(command.split())
