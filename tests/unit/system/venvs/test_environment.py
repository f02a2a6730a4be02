"""Venvs that are found on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.system.pythons.interpreter import running_interpreter
from pytest_indexcache.system.venvs import making
from pytest_indexcache.system.venvs.environment import Environment, demand_not_damaged


def make(folder: Path, config: str | None, *, has_python: bool = True) -> Path:
    """Make a folder that looks like a venv or a part of one."""
    (folder / "bin").mkdir(parents=True)
    if has_python:
        (folder / "bin" / "python").write_bytes(b"")
    if config is not None:
        (folder / "pyvenv.cfg").write_text(config)
    return folder


@pytest.mark.parametrize(
    "config",
    [
        "home = /usr/bin\nversion = 3.12.1\n",
        "home=/usr/bin\r\nVersion=3.12.1\r\nprompt = a = b\r\n",
        "home = /usr/bin\nversion_info = 3.12.1.final.0\n",
    ],
)
def test_a_venv_is_known_by_its_configuration(config: str, tmp_path: Path) -> None:
    """Venvs of virtualenv, the standard library and other tools are recognised."""
    environment = Environment.open(make(tmp_path, config))
    assert environment is not None
    assert environment.full_version == "3.12.1"
    assert environment.site_packages == tmp_path / "lib" / "python3.12" / "site-packages"
    assert environment.installed() == ()


@pytest.mark.parametrize("config", [None, "", "home = /usr/bin\n"])
def test_half_a_venv_is_none(config: str | None, tmp_path: Path) -> None:
    """A folder whose pyvenv.cfg has no version is not recognised as a venv."""
    assert Environment.open(make(tmp_path, config)) is None


def test_without_its_python_a_venv_is_none(tmp_path: Path) -> None:
    """A folder that does not exist, or has no Python, is not recognised as a venv."""
    assert Environment.open(make(tmp_path, "version = 3.12.1\n", has_python=False)) is None
    assert Environment.open(tmp_path / "nowhere") is None


def test_a_venv_whose_making_was_ended_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A venv whose creation was killed is not recognised, so that it is created again."""

    def make_half(folder: Path, *others: object) -> None:
        assert others
        make(folder, "version = 3.12.1\n")
        raise KeyboardInterrupt

    def make_whole(folder: Path, *others: object) -> None:
        assert others
        make(folder, "version = 3.12.1\n")

    venv = tmp_path / ".venv"
    monkeypatch.setattr(making, "make_venv", make_half)
    with pytest.raises(KeyboardInterrupt):
        Environment.create(venv, running_interpreter(), tmp_path)
    assert Environment.open(venv) is None
    demand_not_damaged(venv)
    monkeypatch.setattr(making, "make_venv", make_whole)
    assert Environment.open(Environment.create(venv, running_interpreter(), tmp_path).folder)
    assert sorted(it.name for it in venv.iterdir()) == ["bin", "pyvenv.cfg"]


def test_wheels_have_a_place_for_each_part(tmp_path: Path) -> None:
    """A venv has the install folders of sysconfig's scheme ``venv``."""
    environment = Environment.open(make(tmp_path, "version = 3.12.1\n"))
    assert environment is not None
    scheme = environment.scheme("demo")
    assert scheme["purelib"] == scheme["platlib"] == str(environment.site_packages)
    assert scheme["scripts"] == str(tmp_path / "bin")
    assert scheme["data"] == str(tmp_path)
    assert scheme["headers"] == str(tmp_path / "include" / "site" / "python3.12" / "demo")
