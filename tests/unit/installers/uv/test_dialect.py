"""The files at which uv's search for settings ends, and uv's variables for Pythons and venvs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.scenario.tables.steps import Command, Sync


@pytest.mark.parametrize(
    ("release", "names"),
    [
        ("0.1.39", {"pyproject.toml", ".python-version", "uv.toml"}),
        ("0.2.12", {"pyproject.toml", ".python-version", "uv.toml"}),
        ("0.2.23", {"pyproject.toml", ".python-version"}),
        ("0.13.8", {"pyproject.toml", ".python-version"}),
    ],
)
def test_files_of_the_root_are_those_that_a_release_stops_at(release: str, names: set[str]) -> None:
    """A uv.toml that ends the search for settings is written only for old releases."""
    files = UvDialect(Version(release)).root_files()
    assert set(files) == names
    project = tomllib.loads(files["pyproject.toml"])
    assert project["tool"]["uv"] == {"managed": False}
    assert "name" in project["project"]


@pytest.mark.parametrize(
    ("command", "foreign"),
    [
        ("run python -c 'import six'", None),
        ("run -p 3 python -c 'import six'", None),
        ("run -p 3.11 python -c 'import six'", None),
        ("sync --python=3.11.7", None),
        ("sync -p cp311", None),
        ("sync -p 3.11.*", None),
        ("sync -p cpython-3.11-linux-x86_64-gnu", None),
        ("sync -p cpython-3.12-linux-x86_64-gnu", "-p cpython-3.12-linux-x86_64-gnu"),
        ("lock -p cpython@3.11", None),
        ("lock -p '>=3.8,<3.12'", None),
        ("run -p ../v/bin/python python -c 'import six'", None),
        ("venv -p 3.12", None),
        ("init -p 3.12", None),
        ("pip compile --python-version 3.9 r.in", None),
        ("run -p 3.12 python -c 'import six'", "-p 3.12"),
        ("sync --python=3.11.8", "--python 3.11.8"),
        ("tool install -p 3.1 six", "-p 3.1"),
        ("lock -p '>=3.12'", "-p >=3.12"),
        ("build --python pypy@3.11", "--python pypy@3.11"),
        ("lock -p '>=x'", "-p >=x"),
        (
            "pip compile --no-build-isolation --python-version 3.9 r.in",
            "--python-version 3.9",
        ),
        (
            "pip compile --no-build-isolation-package six --python-version 3.9 r.in",
            "--python-version 3.9",
        ),
    ],
)
def test_another_python_than_the_steps_is_foreign(command: str, foreign: str | None) -> None:
    """An option of a verbatim command that selects another Python than the step's is detected."""
    step = Command.model_validate({"do": "command", "command": {"uv": f"uv {command}"}})
    assert UvDialect(Version("0.13.8")).foreign_python(step, Version("3.11.7")) == foreign


@pytest.mark.parametrize(
    ("command", "venvs", "found"),
    [
        ("pip list", ["project/.venv"], "project/.venv"),
        ("--directory . pip list", ["project/.venv"], "project/.venv"),
        ("--project ../other pip list", ["project/.venv"], "project/.venv"),
        ("--directory ../other pip list", ["project/.venv", "other/.venv"], "other/.venv"),
        ("--directory ../other pip list", ["project/.venv"], ".home/pythons/3.11"),
        ("--directory ../other/in pip list", ["other/.venv"], "other/.venv"),
        ("--directory ../other/in pip list", ["other"], "other"),
        ("--directory ../other pip install six", [".venv"], ".venv"),
        ("--directory .. pip compile r.in", ["project/.venv"], ".home/pythons/3.11"),
        ("python find", [], ".home/pythons/3.11"),
        ("python find", ["project/.venv"], "project/.venv"),
        ("python list", [], None),
        ("sync", [], None),
    ],
)
def test_uv_looks_for_no_venv_above_the_workspace(
    command: str, venvs: list[str], found: str | None, tmp_path: Path
) -> None:
    """The venv of ``uv pip`` is the nearest one in the workspace, or else the venv on PATH."""
    root = tmp_path / "root"
    for folder in (tmp_path / ".venv", *(root / venv for venv in venvs)):
        folder.mkdir(parents=True)
        (folder / "pyvenv.cfg").touch()
    step = Command.model_validate({"command": {"uv": f"uv {command}"}})
    named = variables(step, root).get("VIRTUAL_ENV")
    assert named == (None if found is None else str(root / found))


def test_uv_is_told_of_no_venv_that_it_finds_first(tmp_path: Path) -> None:
    """VIRTUAL_ENV is not set to a venv that uv finds itself."""
    (tmp_path / "project/.venv").mkdir(parents=True)
    (tmp_path / "project/.venv/pyvenv.cfg").touch()
    step = Command.model_validate({"command": {"uv": "uv pip list"}})
    assert "VIRTUAL_ENV" not in variables(step, tmp_path)


def test_verbs_of_projects_are_told_of_no_venv_but_their_own(tmp_path: Path) -> None:
    """VIRTUAL_ENV is not set for verbs of a project, because uv warns about another venv."""
    assert "VIRTUAL_ENV" not in variables(Sync.model_validate({"do": "sync"}), tmp_path)


def variables(step: Any, root: Path) -> dict[str, str]:
    """Return the environment variables of a step in a workspace."""
    venv, python = root / "project/.venv", root / ".home/pythons/3.11/bin/python"
    return dict(UvDialect(Version("0.13.8")).environment(step, venv, python, root / ".cache"))
