"""Commands in terminals of 60 and of 40 columns, and without a terminal."""

from __future__ import annotations

import re

import pytest

from .conftest import Machine

COMMANDS = (
    "play",
    "play --installer reference:obey-no-store",
    "play --installer nope",
    "show",
    "check",
    "observe",
    "bisect nope",
    "export --installer reference",
    "report --for uv --installer pip==26.3",
    "list scenarios uv-15303",
    "list servers",
    "list verbs",
    "list variants",
    "list nope",
    "home",
)


def run(machine: Machine, command: str) -> list[str]:
    """Run a command, with a scenario if the command takes one, and return its output lines."""
    name, *options = command.split()
    file = () if name in ("list", "home") else (machine.scenario(),)
    ended = machine.run(name, *file, *options)
    shown = re.sub(r"indexcache-play-\w{8}", "indexcache-play", ended.out)
    return [*shown.splitlines(), *ended.err.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("columns", [60, 40])
def test_lines_fit_a_narrow_terminal(machine: Machine, command: str, columns: int) -> None:
    """Only commands and words that cannot be wrapped are wider than a narrow terminal."""
    machine.monkeypatch.setenv("COLUMNS", str(columns))
    lines = run(machine, command)
    assert lines
    for line in lines:
        is_whole = line.lstrip().startswith(("$ ", "usage:", "[")) or " " not in line.strip()
        is_difference = command == "observe" and line[:1] in " +-@"
        assert len(line) <= columns or is_whole or is_difference, line


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_lost_in_a_narrow_terminal(machine: Machine, command: str) -> None:
    """Every word that is shown in a wide terminal is also shown, uncut, in a narrow one."""
    wide = " ".join(run(machine, command)).split()
    machine.monkeypatch.setenv("COLUMNS", "40")
    narrow = " ".join(run(machine, command)).split()
    assert sorted(set(wide) - {"seen", "expected"}) == sorted(set(narrow) - {"seen", "expected"})


@pytest.mark.parametrize("command", COMMANDS)
def test_no_control_sequence_without_a_terminal(machine: Machine, command: str) -> None:
    """Without a terminal, output has no colours, and no line is wrapped to a guessed width."""
    lines = run(machine, command)
    assert not any("\x1b" in line for line in lines)
