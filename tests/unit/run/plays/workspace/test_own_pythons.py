"""Pythons in a workspace that belong to the machine, or lead to a Python of the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.own_pythons import demand_own_python
from pytest_indexcache.run.plays.workspace.walked_folders import walked_folders

CLOSED = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n"


def demand_all(root: Path) -> None:
    """Check for each folder of a workspace that its Python belongs to a venv."""
    for folder in walked_folders(root, root / ".cache"):
        demand_own_python(root, folder)


def make_venv(folder: Path, settings: str | None, python: str = "bin/python") -> None:
    """Make a folder with a Python, and with the given settings of a venv."""
    (folder / python).parent.mkdir(parents=True)
    (folder / python).symlink_to(sys.executable)
    if settings is not None:
        (folder / "pyvenv.cfg").write_text(settings)


@pytest.mark.parametrize("folder", ["w/.venv", "v", ".home/.local/share/uv/tools/six"])
@pytest.mark.parametrize(
    "python", ["bin/python", "bin/python3.11", "bin/pypy3", "Scripts/python.exe"]
)
@pytest.mark.parametrize(
    ("settings", "is_own"),
    [
        (CLOSED, True),
        (CLOSED.replace(" = ", "="), True),
        (None, False),
        ("", False),
        (CLOSED.replace("false", "true"), False),
        (f"x = {CLOSED.splitlines()[1]}", False),
    ],
)
def test_a_python_has_the_settings_of_a_venv_beside_it(
    folder: str, python: str, settings: str | None, *, is_own: bool, tmp_path: Path
) -> None:
    """A Python without settings of a venv, or with system packages enabled, is refused."""
    make_venv(tmp_path / folder, settings, python)
    if is_own:
        demand_all(tmp_path)
        return
    with pytest.raises(PlayError, match=f"{folder} has the Python of a venv, and no pyvenv.cfg"):
        demand_all(tmp_path)


def test_settings_behind_a_link_are_none(tmp_path: Path) -> None:
    """Settings of a venv behind a symlink are refused, because they can change."""
    make_venv(tmp_path / "v", None)
    (tmp_path / "settings").write_text(CLOSED)
    (tmp_path / "v" / "pyvenv.cfg").symlink_to(tmp_path / "settings")
    with pytest.raises(PlayError, match=r"v has the Python of a venv, and no pyvenv\.cfg"):
        demand_all(tmp_path)


@pytest.mark.parametrize("path", ["x/.venv/dist/file", "x/.venv/pyvenv.cfg", "x/.venv/bin/six"])
def test_a_folder_that_is_taken_for_a_venv_has_a_python(path: str, tmp_path: Path) -> None:
    """A ``.venv`` without a Python is refused: Poetry 2.5.1 would use the first one on PATH."""
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(CLOSED)
    with pytest.raises(PlayError, match=r"x/\.venv has no Python"):
        demand_all(tmp_path)


@pytest.mark.parametrize("name", ["__pypackages__", "__PyPackages__"])
def test_the_folder_of_pep_582_is_refused(name: str, tmp_path: Path) -> None:
    """``__pypackages__`` is refused, because PDM uses a Python of the machine for it."""
    (tmp_path / "x" / name).mkdir(parents=True)
    with pytest.raises(PlayError, match=f"x/{name} makes PDM use a Python of the machine"):
        demand_all(tmp_path)


def test_other_folders_may_have_such_names(tmp_path: Path) -> None:
    """A project called python, and folders of other programs, are accepted."""
    for folder in ("python", "bin/python", "project/bin", "venv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "project" / "bin" / "six").touch()
    (tmp_path / "project" / "python.md").touch()
    demand_all(tmp_path)
