"""Creation of venvs, and the search for Pythons."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    ask_interpreter,
    find_interpreter,
    running_interpreter,
)
from pytest_indexcache.system.venvs.environment import Environment


@pytest.fixture(scope="module")
def app_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder for virtualenv's data."""
    return tmp_path_factory.mktemp("app-data")


def create(folder: Path, app_data: Path) -> Environment:
    """Make a venv with the running Python."""
    return Environment.create(folder, running_interpreter(), app_data)


def test_its_python_knows_that_it_is_in_a_venv(tmp_path: Path, app_data: Path) -> None:
    """The Python of a new venv reports the venv as its prefix, and the requested version."""
    environment = create(tmp_path / "venv", app_data)
    program = "import platform, sys; print(sys.prefix); print(platform.python_version())"
    done = subprocess.run(
        [environment.python, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [str(tmp_path / "venv"), environment.full_version]


def test_activating_it_puts_it_on_the_path(tmp_path: Path, app_data: Path) -> None:
    """The activation script of a venv contains the path of that venv."""
    create(tmp_path / "venv", app_data)
    done = subprocess.run(
        ["sh", "-c", '. venv/bin/activate && echo "$VIRTUAL_ENV" && command -v python'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    venv = tmp_path / "venv"
    assert done.stdout.splitlines() == [str(venv), str(venv / "bin" / "python")]


@pytest.mark.parametrize("name", ["my venv", "o'clock", "vénv"])
def test_paths_may_need_quotes(name: str, tmp_path: Path, app_data: Path) -> None:
    """A venv can be created in a folder whose path must be quoted in scripts."""
    environment = create(tmp_path / name, app_data)
    assert environment.folder.name == name
    assert environment.installed() == ()


def test_a_venv_is_replaced_and_nothing_else_is(tmp_path: Path, app_data: Path) -> None:
    """A venv is replaced, but a non-empty folder that is not a venv is refused."""
    environment = create(tmp_path / "venv", app_data)
    (environment.site_packages / "left.py").write_bytes(b"")
    assert not (create(tmp_path / "venv", app_data).site_packages / "left.py").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_bytes(b"")
    with pytest.raises(UsageError, match="something that is not a venv"):
        create(tmp_path / "other", app_data)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, app_data: Path) -> None:
    """A broken symlink in place of the venv is refused and not removed."""
    (tmp_path / "venv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="venv is a dangling link"):
        create(tmp_path / "venv", app_data)
    assert (tmp_path / "venv").is_symlink()


def test_a_python_that_is_none_is_an_error(tmp_path: Path, app_data: Path) -> None:
    """The error for an executable that is not a Python names the executable."""
    nothing = Interpreter(tmp_path / "nothing", running_interpreter().target)
    (tmp_path / "nothing").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "nothing").chmod(0o755)
    with pytest.raises(UsageError, match="no venv could be made"):
        Environment.create(tmp_path / "venv", nothing, app_data)
    for path in (tmp_path / "nothing", tmp_path / "nowhere"):
        with pytest.raises(UsageError, match=path.name):
            ask_interpreter(path, tmp_path / "answers")


def test_an_answer_of_a_python_is_kept(tmp_path: Path) -> None:
    """Querying the running Python gives the same description, which is stored in one file."""
    running = running_interpreter()
    for _ in range(2):
        asked = ask_interpreter(running.executable, tmp_path)
        assert dict(asked.target.markers) == dict(running.target.markers)
        assert asked.version == running.version
        assert asked.target.rank_wheel("a-1-py3-none-any.whl") == running.target.rank_wheel(
            "a-1-py3-none-any.whl"
        )
    assert len(list(tmp_path.iterdir())) == 1


def test_pythons_are_found_by_version_and_path(tmp_path: Path) -> None:
    """The running Python is found without a search, and an unknown version is an error."""
    running = running_interpreter()
    minor = ".".join(map(str, running.version))
    assert find_interpreter(minor, tmp_path, {}) == running
    assert find_interpreter(str(running.executable), tmp_path, {}).version == running.version
    with pytest.raises(UsageError, match=r"no Python 3\.1 was found"):
        find_interpreter("3.1", tmp_path, {"PYENV_ROOT": str(tmp_path)})
    for name in ("python3.1", "python3"):
        shim = tmp_path / name
        shim.write_text("#!/bin/sh\nexit 127\n")
        shim.chmod(0o755)
    with pytest.raises(UsageError, match=r"no Python 3\.1 was found"):
        find_interpreter("3.1", tmp_path, {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)})
