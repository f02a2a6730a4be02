"""The command line: what is understood, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.reference.__main__ import main
from pytest_indexcache.reference.commands.arguments import COMMANDS as TABLE
from pytest_indexcache.reference.commands.arguments import build_parser, command_words

COMMANDS = (
    "lock",
    "sync",
    "run",
    "add",
    "remove",
    "install",
    "uninstall",
    "compile",
    "sync-requirements",
    "remove-venv",
    "cache",
)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, exit codes and environment variables are in the help."""
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for word in (*COMMANDS, "INDEXCACHE_CACHE_DIR", "exit codes"):
        assert word in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The parser of one command is the same as that of all."""
    for parser in (build_parser(), build_parser(command)):
        with pytest.raises(SystemExit) as caught:
            parser.parse_args([command, "--help"])
        assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text[: len(text) // 2] == text[len(text) // 2 :]


def test_options_stand_behind_the_command() -> None:
    """Lists gather, switches switch, and what follows -- is Python's."""
    chosen = build_parser().parse_args(
        ["run", "--extra", "a", "--extra", "b", "--offline", "-v", "--", "-c", "pass"]
    )
    assert (chosen.extra, chosen.offline, chosen.verbose) == (["a", "b"], True, True)
    assert chosen.arguments == ["-c", "pass"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["sync", "--frozen", "--locked"],
        ["sync", "--off"],
        ["add", "a", "--extra", "x", "--group", "y"],
        ["compile", "a"],
        ["uninstall"],
        ["cache"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is shown, and options are not guessed from their beginnings."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_cache_folder_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option counts more than the environment variable."""
    monkeypatch.setenv("INDEXCACHE_CACHE_DIR", str(tmp_path / "variable"))
    assert main(["cache", "dir"]) == 0
    assert main(["cache", "dir", "--cache-dir", str(tmp_path / "option")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "variable"),
        str(tmp_path / "option"),
    ]


@pytest.mark.parametrize("command", TABLE)
def test_words_are_read_as_they_were_written(command: str) -> None:
    """Every argument of every command is read by the parser with the value that was written."""
    empty: dict[str, Any] = {
        argument.key: _value_of(argument.keywords) for argument in TABLE[command].arguments
    }
    for argument in TABLE[command].arguments:
        needed = ("output", "requirements", "projects")
        values = {key: value for key, value in empty.items() if key in (*needed, argument.key)}
        chosen = vars(build_parser().parse_args(command_words(command, values)))
        assert {key: chosen[key] for key in values} == values


def _value_of(keywords: Mapping[str, Any]) -> object:
    if keywords.get("action") == "store_true":
        return True
    if "choices" in keywords:
        return keywords["choices"][-1]
    return ["-a b", "c=d"] if keywords.get("action") or "nargs" in keywords else "-x y"


def test_words_for_an_option_that_a_command_does_not_have() -> None:
    """A key that the command does not have is an error, and is not left out."""
    with pytest.raises(KeyError):
        command_words("lock", {"require_hashes": True})
