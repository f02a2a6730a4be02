"""What uv is given beside the project: files at which it ends its searches."""

from __future__ import annotations

import tomllib

import pytest
from packaging.version import Version

from pytest_indexcache.installers.uv.dialect import UvDialect


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
    """Old releases need a uv.toml to end a search for settings; newer ones warn of it."""
    files = UvDialect(Version(release)).root_files()
    assert set(files) == names
    project = tomllib.loads(files["pyproject.toml"])
    assert project["tool"]["uv"] == {"managed": False}
    assert "name" in project["project"]
