"""Command lines of the reference installer, parsed and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.__main__ import main
from pytest_indexcache.reference.commands.arguments import ALL, Argument
from pytest_indexcache.reference.commands.command_line import (
    PROGRAM,
    build_parser,
    command_words,
    parse_words,
)
from pytest_indexcache.reference.commands.options import COMMANDS as TABLE
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection

HERE = Path("/here")
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
    "cache",
)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The help lists commands, exit codes and environment variables."""
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for word in (*COMMANDS, "INDEXCACHE_CACHE_DIR", "exit codes"):
        assert word in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of every command begins with the command's name."""
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args([command, "--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {PROGRAM} {command}")


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("lock", Options(command="lock", project=HERE)),
        (
            "run --extra a --extra b --offline -v -- -c pass",
            Options(
                command="run",
                project=HERE,
                extras=("a", "b"),
                offline=True,
                verbose=True,
                arguments=("-c", "pass"),
            ),
        ),
        (
            "sync --project mine --venv ../v --refresh --upgrade-package A_b --no-build :all:",
            Options(
                command="sync",
                project=HERE / "mine",
                venv=HERE / "../v",
                refresh=EVERYTHING,
                upgrade=Selection.of(["a-b"]),
                no_build=EVERYTHING,
            ),
        ),
        (
            "install six ./wheels/a.whl /b.whl -r r.txt -f links -f https://x.example/ -e .",
            Options(
                command="install",
                project=HERE,
                requirements=("six", str(HERE / "wheels/a.whl"), "/b.whl"),
                files=(HERE / "r.txt",),
                find_links=(str(HERE / "links"), "https://x.example/"),
                editable=(str(HERE),),
            ),
        ),
        (
            "add a --editable ../a --group dev",
            Options(
                command="add",
                project=HERE,
                requirements=("a",),
                editable_path=HERE / "../a",
                group="dev",
            ),
        ),
        ("cache clear six", Options(command="cache clear", project=HERE, only_projects=("six",))),
    ],
)
def test_command_line_is_read_as_options(line: str, options: Options) -> None:
    """Repeated options become lists, paths are resolved, and Python gets the words after ``--``."""
    assert parse_words(line.split(), HERE) == options


@pytest.mark.parametrize(
    ("line", "sentence", "command"),
    [
        ("", "the following arguments are required: COMMAND", ""),
        ("nonsense", "invalid choice: 'nonsense'", ""),
        ("sync --frozen --locked", "--locked: not allowed with argument --frozen", " sync"),
        ("sync --off", "unrecognized arguments: --off", " sync"),
        ("add a --extra x --group y", "not allowed with argument --extra", " add"),
        ("compile a", "the following arguments are required: -o/--output", " compile"),
        ("uninstall", "the following arguments are required: PROJECT", " uninstall"),
        ("cache", "the following arguments are required: ACTION", " cache"),
        ("cache prune --c", "unrecognized arguments: --c", " cache prune"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    line: str, sentence: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usage error exits with 2 and points to the help, and abbreviated options are refused."""
    with pytest.raises(SystemExit) as caught:
        main(line.split())
    assert caught.value.code == 2
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ")
    assert sentence in error
    assert hint == f"  hint: see '{PROGRAM}{command} --help'"


def test_the_cache_folder_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option for the cache folder takes precedence over the environment variable."""
    monkeypatch.setenv("INDEXCACHE_CACHE_DIR", str(tmp_path / "variable"))
    assert main(["cache", "dir"]) == 0
    assert main(["cache", "dir", "--cache-dir", str(tmp_path / "option")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "variable"),
        str(tmp_path / "option"),
    ]


@pytest.mark.parametrize("command", TABLE)
def test_words_are_read_as_they_were_written(command: str) -> None:
    """An argument that is written to a command line is parsed to the original value."""
    usage = TABLE[command]
    values = {key: _value_of(argument) for _, key, argument in usage.arguments}
    for key, value in values.items():
        given = {name: values[name] for name in (*usage.needed, key)}
        found = vars(build_parser().parse_args(command_words(command, given)))
        assert found[key] == ([ALL] if value is True and found[key] is not True else value)


def _value_of(argument: Argument) -> object:
    keywords = argument.spellings[0].keywords
    if keywords.get("action") in ("store_true", "append_const"):
        return True
    if "choices" in keywords:
        return keywords["choices"][-1]
    return ["-a b", "c=d"] if keywords.get("action") or argument.is_operand else "-x y"


def test_words_for_an_option_that_a_command_does_not_have() -> None:
    """Writing an argument that the command does not have raises an error."""
    with pytest.raises(KeyError):
        command_words("lock", {"require_hashes": True})
