"""The shell completion scripts of ``indexcache``."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from .conftest import Machine

pytest.importorskip("shtab")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["indexcache", "obs"], "observe"),
        (["indexcache", "list", "ser"], "servers"),
        (["indexcache", "play", "--inst"], "--installer"),
        (["indexcache", "home", "--clean", "pla"], "plays"),
        (["indexcache", "show", "rep"], "report.toml"),
    ],
)
def test_bash_completes_commands_options_and_files(
    machine: Machine, words: list[str], offered: str
) -> None:
    """The bash script completes commands, options and files."""
    machine.scenario()
    script = machine.run("--print-completion", "bash")
    assert (script.code, script.err) == (0, "")
    line = " ".join(words)
    program = (
        f"{script.out}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n"
        f"COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_TYPE=9\n"
        "_shtab_indexcache indexcache\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    ended = subprocess.run(
        ["bash", "--norc"],
        input=program,
        capture_output=True,
        text=True,
        cwd=machine.folder,
        check=False,
    )
    assert offered in ended.stdout.split(), ended.stderr


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_have_a_script(machine: Machine, shell: str) -> None:
    """The completion script of each other shell names every command."""
    script = machine.run("--print-completion", shell)
    assert script.code == 0
    assert all(command in script.out for command in ("observe", "bisect", "home"))


def test_missing_package_is_named(machine: Machine) -> None:
    """If shtab is not installed, the error says how to install it."""
    machine.monkeypatch.setitem(sys.modules, "shtab", None)
    ended = machine.run("--print-completion", "bash")
    assert (ended.code, ended.out) == (2, "")
    assert "pytest-indexcache[completion]" in ended.err


def test_shell_that_is_not_known_is_refused(machine: Machine) -> None:
    """The error for an unknown shell lists the known ones."""
    ended = machine.run("--print-completion", "fish")
    assert ended.code == 2
    assert "'bash', 'zsh', 'tcsh'" in ended.err
