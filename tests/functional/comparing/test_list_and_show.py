"""``indexcache list`` and ``indexcache show`` on the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

from .conftest import Machine

SHOWN = """\
A wheel comes once
https://example.org/issues/1
report.toml

index pypi  https://pypi.org/simple  (like pytorch)
└── six
    └── 1.17.0

the project requires six

 1  make the venv match the lockfile
    expects downloads: six 1
 2  remove the venv
 3  again: make the venv match the lockfile
    expects no downloads
"""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["servers"], "devpi"),
        (["scenarios", "TORCH", "report word"], "scenarios/pytorch/uv-15303-verbatim.toml"),
        (["variants", "no-store"], "reference:obey-no-store"),
        (["verbs", "cache"], "clear-cache"),
        ([], "variants"),
    ],
)
def test_list_names_what_there_is(machine: Machine, arguments: list[str], line: str) -> None:
    """``list`` prints a line for each name, and with a filter only lines with all of its words."""
    ended = machine.run("list", *arguments)
    assert (ended.code, ended.err) == (0, "")
    assert any(told.startswith(line) for told in ended.out.splitlines())


def test_list_of_scenarios_has_every_one_of_the_catalogue(machine: Machine) -> None:
    """``list`` prints names that commands accept, and in narrow terminals a title below each."""
    wide = machine.run("list", "scenarios").out
    machine.monkeypatch.setenv("COLUMNS", "60")
    narrow = machine.run("list", "scenarios").out
    count = len(scenario_files(catalogue_folder()))
    assert len(wide.splitlines()) == count
    assert sum(line.startswith("scenarios/") for line in narrow.splitlines()) == count
    assert all(len(line) <= 60 or "/" in line for line in narrow.splitlines())
    assert narrow.split() == wide.split()


def test_filter_without_a_match_is_exit_code_1(machine: Machine) -> None:
    """A filter without a match is named in an error, and the exit code is 1."""
    ended = machine.run("list", "servers", "nonesuch")
    assert (ended.code, ended.out) == (1, "")
    assert "no servers match nonesuch" in ended.err


def test_show_describes_a_scenario(machine: Machine) -> None:
    """``show`` prints indexes as trees, and each step as a sentence with its expectations."""
    ended = machine.run("show", machine.scenario())
    assert (ended.code, ended.out) == (0, SHOWN)


def test_show_escapes_what_a_stranger_wrote(machine: Machine) -> None:
    """Control characters of a file are escaped before they reach the terminal."""
    file = machine.scenario(title="a\\u001b[31mb")
    ended = machine.run("show", file)
    assert "\x1b" not in ended.out
    assert "a\\x1b[31mb" in ended.out


def test_every_scenario_of_the_catalogue_can_be_shown(machine: Machine) -> None:
    """``show`` prints a sentence for every step of the catalogue."""
    for file in scenario_files(catalogue_folder())[::6]:
        ended = machine.run("show", file)
        assert (ended.code, ended.err) == (0, "")
        assert "{" not in ended.out.replace("{n}", "") or "command line" in ended.out


def test_package_is_run_as_the_command(machine: Machine) -> None:
    """``python -m pytest_indexcache`` behaves like ``indexcache``."""
    command = [sys.executable, "-m", "pytest_indexcache", "list", "servers", "pypi.org"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("pypi ")
