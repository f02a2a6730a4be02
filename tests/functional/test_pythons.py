"""Other Pythons on this machine: facts about them, the cache of these facts, and plays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.session import IN_PROCESS, PlaySession
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.system.pythons import interpreter
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    ask_interpreter,
    find_interpreter,
)
from pytest_indexcache.system.venvs.environment import Environment

VERSIONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forget the known Pythons of this process, and list the Pythons that are started."""
    monkeypatch.setattr(interpreter, "_answers", {})
    started: list[str] = []
    start = subprocess.Popen

    question = interpreter._PROGRAM.read_text("utf-8")

    def counted(command: list[str], **options: Any) -> Any:
        if question in command:  # virtualenv starts Pythons, too
            started.append(command[0])
        return start(command, **options)

    monkeypatch.setattr(subprocess, "Popen", counted)
    return started


def on_this_machine(version: str, cache: Path) -> Interpreter:
    """Return a Python of this version, or skip the test if the machine has none."""
    try:
        return find_interpreter(version, cache)
    except UsageError:
        pytest.skip(f"no Python {version} on this machine")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_from_3_6_on_says_what_it_is(version: str, tmp_path: Path) -> None:
    """The program that queries a Python runs in every Python from 3.6 on."""
    found = on_this_machine(version, tmp_path)
    assert ".".join(map(str, found.version)) == version
    assert found.target.markers["python_full_version"].startswith(f"{version}.")
    assert found.target.rank_wheel("a-1-py3-none-any.whl") is not None
    digits = version.replace(".", "")
    assert found.target.rank_wheel(f"a-1-cp{digits}-none-any.whl") is not None
    assert found.target.rank_wheel("a-1-cp399-cp399-any.whl") is None


def script(path: Path, text: str) -> Path:
    """Write an executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts with a shebang")
def test_an_answer_and_a_failure_are_asked_for_once(tmp_path: Path, starts: list[str]) -> None:
    """A Python is queried once per process, even if the query fails."""
    answers = script(tmp_path / "python3.1", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    fails = script(tmp_path / "shim", "#!/bin/sh\nexit 127\n")
    for _ in range(3):
        assert ask_interpreter(answers, tmp_path / "pythons").version == sys.version_info[:2]
        with pytest.raises(UsageError, match="shim did not print which Python it is"):
            ask_interpreter(fails, tmp_path / "pythons")
    assert starts == [str(answers), str(fails)]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are for POSIX")
def test_a_failure_is_kept_on_disk_unless_it_is_a_script(
    tmp_path: Path, starts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed query of a binary is stored on disk; a script, such as a shim, is tried again."""
    shim = script(tmp_path / "shim", "#!/bin/sh\nexit 127\n")
    binary = tmp_path / "binary"
    binary.symlink_to("/bin/false")
    for _ in range(2):
        for path in (shim, binary):
            with pytest.raises(UsageError, match="did not print"):
                ask_interpreter(path, tmp_path / "pythons")
        monkeypatch.setattr(interpreter, "_answers", {})
    assert starts == [str(shim), str(binary), str(shim)]


@pytest.mark.skipif(sys.platform == "win32", reason="pyenv's shims are scripts")
def test_shims_of_pyenv_are_not_started(tmp_path: Path, starts: list[str]) -> None:
    """Versions of pyenv are found in its folder, newest patch first, without starting its shims."""
    minor = sys.version_info.minor + 1
    shim = script(tmp_path / "shims" / f"python3.{minor}", "#!/bin/sh\nexit 127\n")
    refusing = [
        script(tmp_path / "versions" / name / "bin" / "python", "#!/bin/sh\nexit 1\n")
        for name in (f"3.{minor}.10", f"3.{minor}.9", f"3.{minor}-dev")
    ]
    script(tmp_path / "versions" / f"3.{minor}0.1" / "bin" / "python", "#!/bin/sh\nexit 1\n")
    environment = {"PATH": str(shim.parent), "PYENV_ROOT": str(tmp_path)}
    with pytest.raises(UsageError, match=f"no Python 3.{minor} was found"):
        find_interpreter(f"3.{minor}", tmp_path / "pythons", environment)
    assert starts == [str(path) for path in refusing]


def test_venvs_of_one_python_ask_it_once(tmp_path: Path, starts: list[str]) -> None:
    """A Python is queried once for all the venvs that link to it."""
    other = next(v for v in VERSIONS if v != ".".join(map(str, sys.version_info[:2])))
    found = on_this_machine(other, tmp_path / "pythons")
    for number in range(3):
        venv = Environment.create(tmp_path / f"venv-{number}", found, tmp_path / "app-data")
        assert venv.interpreter(tmp_path / "pythons").version == found.version
    assert len([path for path in starts if "venv-" in path]) == 0


SCENARIO: dict[str, Any] = {
    "title": "wheels, an sdist and a local project for another Python",
    "indexes": {
        "pypi": {
            "url": "https://pypi.org/simple",
            "packages": {
                "six": {"1.17.0": {"files": [{"kind": "sdist"}]}},
                "tomli": {"2.0.0": {}},
            },
        }
    },
    "local-projects": {"mine": {"path": "mine", "requires": ["tomli ; python_version < '3.11'"]}},
    "sources": {"mine": {"path": "mine"}},
    "project": {"dependencies": ["six", "mine"]},
}


def play(root: Path, **more: Any) -> PlayResult:
    """Play the scenario with the reference installer."""
    scenario = Scenario.model_validate({**SCENARIO, **more}, by_alias=True)
    with PlaySession() as session:
        return session.play(scenario, "s", create_installer("reference"), IN_PROCESS, root)


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_the_reference_plays_with_the_python_of_the_scenario(version: str, tmp_path: Path) -> None:
    """The scenario's Python is used for the venv, builds, imports and markers."""
    on_this_machine(version, tmp_path / "pythons")
    is_old = int(version.partition(".")[2]) < 11
    expect = {
        "installed": {"six": "1.17.0", "mine": "0.1.0", **({"tomli": "2.0.0"} if is_old else {})},
        "installed-count": 3 if is_old else 2,
        "builds": {"six": 1, "mine": 1},
        "imports": {"six.__version__": "1.17.0", "sys.version_info.minor": int(version[2:])},
        "check": True,
    }
    steps = [{"do": "sync", "expect": expect}]
    result = play(tmp_path / "workspace", python=version, steps=steps)
    assert (result.verdict, result.reason) == ("passed", ""), result.steps[-1]


def test_a_step_may_have_a_python_of_its_own(tmp_path: Path) -> None:
    """The Python of a step takes precedence over the scenario's."""
    for version in ("3.8", "3.12"):
        on_this_machine(version, tmp_path / "pythons")
    steps = [
        {"do": "sync", "expect": {"imports": {"sys.version_info.minor": 8}}},
        {"do": "sync", "python": "3.12", "expect": {"imports": {"sys.version_info.minor": 12}}},
    ]
    result = play(tmp_path / "workspace", python="3.8", steps=steps)
    assert result.verdict == "passed", result.steps[-1]


def test_a_python_may_be_named_with_its_patch_level(tmp_path: Path) -> None:
    """A patch level in a scenario's Python must match exactly."""
    found = on_this_machine("3.12", tmp_path / "pythons").target.python_version
    expect = {"imports": {"sys.version_info.micro": found.micro}}
    result = play(tmp_path / "one", python=str(found), steps=[{"do": "sync", "expect": expect}])
    assert (result.verdict, result.reason) == ("passed", ""), result.steps[-1]
    other = f"3.12.{found.micro + 100}"
    assert play(tmp_path / "two", python=other, steps=[{"do": "sync"}]).verdict == "skipped"


def test_a_python_that_is_not_there_is_a_reason_to_skip(tmp_path: Path) -> None:
    """The reference skips a scenario whose Python this machine does not have."""
    steps = [{"do": "sync"}]
    result = play(tmp_path, python="3.5", steps=steps)
    assert result.verdict == "skipped"
    assert "no Python 3.5 was found" in result.reason
