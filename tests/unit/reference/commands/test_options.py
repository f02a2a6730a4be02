"""The table of commands and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.commands.options import ARGUMENTS, COMMANDS, Options


def test_every_argument_belongs_to_a_command() -> None:
    """An option of the table that no command has could not be given."""
    used = {key for usage in COMMANDS.values() for _, key, _ in usage.arguments}
    assert used == ARGUMENTS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_argument_stands_once_in_the_help(command: str) -> None:
    """No name and no key is given to two arguments of a command."""
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
    """Commands without a project have the venv of the current folder."""
    assert options.venv_folder == Path(folder)
