"""Scripts of projects and wheels in a workspace."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.own_scripts import demand_own_scripts


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("", None),
        ("[project]\nname = 'python'\n[project.scripts]\nsix = 'six:main'", None),
        ("[project.scripts]\npython = 'python:main'", "python"),
        ("[project.scripts]\nsix = 'six:main'\nPython3 = 'x:y'", "Python3"),
        ("[project.gui-scripts]\npypy = 'x:y'", "pypy"),
        ("[project.entry-points.console_scripts]\ngit = 'x:y'", "git"),
        ("[tool.poetry.scripts]\n'../x' = 'x:y'", "../x"),
        ("[tool.poetry.plugins.gui_scripts]\nuv = 'x:y'", "uv"),
        ("[project]\nscripts = 'none'", None),
    ],
)
def test_a_script_of_a_project_stands_in_for_no_program(
    text: str, strange: str | None, tmp_path: Path
) -> None:
    """A script named like a program is refused in the tables of all build backends."""
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    if strange is None:
        demand_own_scripts(tmp_path, file)
        return
    with pytest.raises(PlayError, match=f"pyproject.toml has a script '{strange}', which could"):
        demand_own_scripts(tmp_path, file)


def test_a_project_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A project file that is not valid TOML 1.0 is refused: an installer may still parse it."""
    file = tmp_path / "pyproject.toml"
    file.write_text("[project.scripts\n")
    with pytest.raises(PlayError, match=r"pyproject\.toml is not TOML"):
        demand_own_scripts(tmp_path, file)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[console_scripts]\nsix = six:main\n[other]\npython = x:y\n", None),
        ("[console_scripts]\npython = x:y\n", "has a script 'python'"),
        ("[gui_scripts]\nPython = x:y\n", "has a script 'Python'"),
        ("[console_scripts]\nsix = %(x)s\n", None),
        ("python = x:y\n", "its entry points cannot be read"),
        ("[console_scripts]\n" + "# comment\n" * 200_000, "they have more than 1,048,576 bytes"),
    ],
)
def test_a_script_of_a_wheel_stands_in_for_no_program(
    text: str, problem: str | None, tmp_path: Path
) -> None:
    """A wheel with an entry point named like a program is refused."""
    file = tmp_path / "x-1-py3-none-any.whl"
    with ZipFile(file, "w") as wheel:
        wheel.writestr("x-1.dist-info/entry_points.txt", text)
    if problem is None:
        demand_own_scripts(tmp_path, file)
        return
    with pytest.raises(PlayError, match=problem):
        demand_own_scripts(tmp_path, file)


def test_a_wheel_that_is_no_archive_has_no_scripts(tmp_path: Path) -> None:
    """A wheel that is not an archive is accepted, because it cannot be installed."""
    file = tmp_path / "x-1-py3-none-any.whl"
    file.write_bytes(b"PK, or not")
    demand_own_scripts(tmp_path, file)


def test_a_wheel_that_is_encrypted_has_no_scripts(tmp_path: Path) -> None:
    """An encrypted wheel is accepted, because no installer has its password."""
    file = tmp_path / "x-1-py3-none-any.whl"
    with ZipFile(file, "w") as wheel:
        wheel.writestr("x-1.dist-info/entry_points.txt", "[console_scripts]\nsix = six:main\n")
    data = bytearray(file.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + place] |= 1
    file.write_bytes(data)
    with ZipFile(file) as wheel, pytest.raises(RuntimeError, match="encrypted"):
        wheel.read("x-1.dist-info/entry_points.txt")
    demand_own_scripts(tmp_path, file)
