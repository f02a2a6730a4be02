"""Command lines, and the form in which they are shown to users."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.installers.commands.command_lines import (
    CommandLine,
    lines,
    named,
    verbose_lines,
)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (CommandLine(("sync",)), "uv sync"),
        (CommandLine(("run", "-c", "import a; b")), "uv run -c 'import a; b'"),
        (CommandLine(("sync",), environment={"A": "b c", "D": "e"}), "A='b c' D=e uv sync"),
        (CommandLine(("lock",), unless=("check", "--lock")), "uv check --lock || uv lock"),
        (CommandLine(("purge",), may_fail=True), "uv purge || true"),
        (
            CommandLine(("lock",), makes="a.lock", out_of=("b", "c")),
            "test a.lock -nt b && test a.lock -nt c || uv lock",
        ),
        (CommandLine(("-c", "import a"), in_venv=True), ".venv/bin/python -c 'import a'"),
        (CommandLine(("install",), note="no lockfile"), "uv install  # no lockfile"),
    ],
)
def test_command_can_be_pasted(line: CommandLine, shown: str) -> None:
    """A command is shown in a form that can be pasted into a shell."""
    assert line.shown("uv") == shown


def test_option_is_repeated_for_each_value() -> None:
    """An option is repeated for each value: ``--extra a --extra b``."""
    assert named("--extra", ("a", "b")) == ("--extra", "a", "--extra", "b")
    assert named("--extra", ()) == ()


def test_requirements_stand_one_a_line() -> None:
    """Requirements are written one per line, and the last line also ends with a line break."""
    assert lines(("a", "b==1")) == "a\nb==1\n"


@pytest.mark.parametrize(
    ("times", "is_done"),
    [
        ({"a.lock": 2, "b": 1}, True),
        ({"a.lock": 2, "b": 1, "c": 3}, False),
        ({"a.lock": 2, "b": 2}, False),
        ({"b": 1}, False),
    ],
)
def test_file_is_made_again_when_something_it_is_made_of_is_newer(
    tmp_path: Path, times: dict[str, int], is_done: bool
) -> None:
    """A generated file is up to date if it is newer than each existing source (``test -nt``)."""
    for name, time in times.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, ns=(time, time))
    line = CommandLine(("lock",), makes="a.lock", out_of=("b", "c"))
    assert line.is_done(tmp_path) is is_done
    assert not CommandLine(("lock",)).is_done(tmp_path)


def test_what_a_venv_holds_beyond_what_it_is_to_keep_is_removed(tmp_path: Path) -> None:
    """If a venv has no surplus projects, the command that removes them is omitted."""
    removal = CommandLine(("uninstall", "--yes"), keeps=lambda _: {"a"})
    found = removal.without_kept(tmp_path, ["c", "a", "b"])
    assert found is not None
    assert found.shown("pip") == "pip uninstall --yes b c"
    assert removal.without_kept(tmp_path, ["a"]) is None
    assert CommandLine(("sync",)).without_kept(tmp_path, ["a"]) == CommandLine(("sync",))


@pytest.mark.parametrize(
    ("installer", "arguments", "expected"),
    [
        ("uv", ("sync",), ("-v", "sync")),
        ("uv", ("run", "python", "-c", "pass"), ("-v", "run", "python", "-c", "pass")),
        ("pip", ("install", "six"), ("-vv", "install", "six")),
        ("poetry", ("install",), ("-vvv", "install")),
        ("pdm", ("install",), ("install", "-v")),
        ("nab", ("lock",), ("lock",)),
    ],
)
def test_verbose_command_has_the_option_of_its_installer(
    installer: str, arguments: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """The verbose option is added to the commands of known installers only."""
    (line,) = verbose_lines(installer, [CommandLine(arguments)])
    assert line.arguments == expected
