"""The table of commands and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.commands.options import ARGUMENTS, COMMANDS, Options


def test_every_argument_belongs_to_a_command() -> None:
    """Every argument in the table belongs to at least one command."""
    used = {key for usage in COMMANDS.values() for _, key, _ in usage.arguments}
    assert used == ARGUMENTS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_argument_stands_once_in_the_help(command: str) -> None:
    """No two arguments of a command have the same name or key."""
    arguments = list(COMMANDS[command].arguments)
    keys = [key for _, key, _ in arguments]
    names = [name for _, _, it in arguments for spelling in it.spellings for name in spelling.names]
    assert len(set(keys)) == len(keys)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("options", "folder"),
    [
        (Options(), ".venv"),
        (Options(project=Path("p")), "p/.venv"),
        (Options(project=Path("p"), venv=Path("other")), "other"),
    ],
)
def test_the_venv_is_beside_the_project_unless_it_is_named(options: Options, folder: str) -> None:
    """The default venv is in the project's folder, or in the current folder without a project."""
    assert options.venv_folder == Path(folder)
