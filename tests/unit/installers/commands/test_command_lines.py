"""How command lines are shown."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.commands.command_lines import CommandLine, lines, named


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (CommandLine(("sync",)), "uv sync"),
        (CommandLine(("run", "-c", "import a; b")), "uv run -c 'import a; b'"),
        (CommandLine(("sync",), environment={"A": "b c", "D": "e"}), "A='b c' D=e uv sync"),
        (CommandLine(("lock",), unless=("check", "--lock")), "uv check --lock || uv lock"),
        (CommandLine(("purge",), may_fail=True), "uv purge || true"),
    ],
)
def test_command_can_be_pasted(line: CommandLine, shown: str) -> None:
    """What is shown is what a shell would have to be told."""
    assert line.shown("uv") == shown


def test_option_is_repeated_for_each_value() -> None:
    """--extra a --extra b."""
    assert named("--extra", ("a", "b")) == ("--extra", "a", "--extra", "b")
    assert named("--extra", ()) == ()


def test_requirements_stand_one_a_line() -> None:
    """The last line ends as well."""
    assert lines(("a", "b==1")) == "a\nb==1\n"
