"""The commands of the reference installer, when they are run, and their exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.command_line import parse_words
from pytest_indexcache.reference.commands.dispatch import method_of, run_command
from pytest_indexcache.reference.commands.options import COMMANDS, Options
from pytest_indexcache.reference.commands.session import Settings


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_table_has_a_method(command: str, tmp_path: Path) -> None:
    """Every command in the table has a method of the same name."""
    settings = Settings(cache_dir=tmp_path, clock=lambda: 0.0)
    method = method_of(Options(command=command), settings)
    assert method.__name__.replace("_", " ") == command.replace("-", " ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["install", "six", "--flat", "other"], "--flat: no index is called 'other'"),
        (["lock", "--cache-control", "main.pages=x"], "--cache-control: no index is called 'main'"),
        (["install"], "no requirement is given"),
    ],
)
def test_wrong_option_is_named(arguments: list[str], message: str, tmp_path: Path) -> None:
    """The error for an invalid option names the option, and no request is sent."""
    settings = Settings(cache_dir=tmp_path, clock=lambda: 0.0)
    with pytest.raises(UsageError, match=message):
        run_command(parse_words(arguments, tmp_path), settings)


def test_the_exit_code_is_0_unless_a_program_was_run(tmp_path: Path) -> None:
    """Clearing an empty cache exits with 0."""
    settings = Settings(cache_dir=tmp_path, clock=lambda: 0.0)
    assert run_command(parse_words(["cache", "clear"], tmp_path), settings) == 0


@pytest.mark.parametrize("command", ["cache clear", "cache prune", "lock"])
@pytest.mark.parametrize("place", ["file", "file/cache", "link"])
def test_a_file_in_the_place_of_the_cache_folder_is_told(
    place: str, command: str, tmp_path: Path
) -> None:
    """If the path of the cache folder is a file, the command fails with an error."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    settings = Settings(cache_dir=tmp_path / place, clock=lambda: 0.0)
    with pytest.raises(UsageError, match=r"cannot be the cache folder: .*(file|link) is not a"):
        run_command(Options(command=command), settings)
