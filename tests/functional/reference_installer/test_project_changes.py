"""Commands that change a project: ``add`` and ``remove``."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import (
    InvalidDistributionError,
    UnsatisfiableError,
    UsageError,
)

from .workplace import CPU, Workplace


def test_add_and_remove_change_project_lockfile_and_venv(place: Workplace) -> None:
    """``add`` writes, locks and installs a requirement, and ``remove`` undoes all three."""
    place.do("add", requirements=["app>=1"])
    assert '"app>=1"' in (place.project / "pyproject.toml").read_text()
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    place.do("remove", projects=["APP"])
    assert "app" not in (place.project / "pyproject.toml").read_text()
    assert place.installed() == {}


def test_add_with_an_index_writes_a_source(place: Workplace) -> None:
    """``add --index`` writes the index, the source and the extra, and installs the extra."""
    place.do("add", requirements=["torch"], index=f"torch-cpu={CPU}", extra="cpu")
    assert place.installed() == {"torch": "2.9.0+cpu"}
    place.do("sync")
    assert place.installed() == {}
    place.do("sync", extras=["cpu"])
    assert place.downloads() == {"torch": 1}


def test_add_with_a_folder_writes_a_relative_path(place: Workplace) -> None:
    """``add`` with a folder writes a relative path and installs the project as editable."""
    folder = place.write_local("local")
    place.do("add", requirements=["local"], editable_path=folder)
    text = (place.project / "pyproject.toml").read_text()
    assert 'local = {path = "../local", editable = true}' in text
    assert place.origin("local") == "editable"


def test_an_addition_that_fails_is_undone(place: Workplace) -> None:
    """A failed ``add`` restores the project file and the lockfile byte for byte."""
    place.write_project("app", rest="# the end\n")
    place.do("sync")
    paths = [place.project / "pyproject.toml", place.project / "pylock.toml"]
    before = [path.read_bytes() for path in paths]
    with pytest.raises(UnsatisfiableError):
        place.do("add", requirements=["lib>99"])
    with pytest.raises(InvalidDistributionError):
        place.do("add", requirements=["broken-crc"])
    assert [path.read_bytes() for path in paths] == before
    with pytest.raises(UsageError, match="is not a requirement"):
        place.do("add", requirements=["not a requirement"])
