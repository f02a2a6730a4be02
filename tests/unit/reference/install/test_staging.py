"""Where files wait before they are put into a venv."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.reference.install.staging import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage on which nothing is."""
    return Stage(tmp_path / "staging")


def put(stage: Stage, place: Path, path: str, text: str = "") -> None:
    """Write a file that waits."""
    descriptor = stage.open(str(place), path, executable=False)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_each_place_gets_its_files(stage: Stage, tmp_path: Path) -> None:
    """A folder that is there is merged with."""
    site, scripts = tmp_path / "site", tmp_path / "bin"
    (site / "pkg").mkdir(parents=True)
    (site / "pkg" / "old.py").touch()
    for place, path in ((site, "pkg/new.py"), (site, "a-1.dist-info/RECORD"), (scripts, "run")):
        put(stage, place, path, text=path)
    stage.put_in_place()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert {"site/pkg/old.py", "site/pkg/new.py", "site/a-1.dist-info"} <= found
    assert (scripts / "run").read_text() == "run"


def test_a_file_of_several_wheels_is_that_of_the_last(stage: Stage, tmp_path: Path) -> None:
    """What was written before is replaced, also where it was longer."""
    for text in ("of the first wheel", "of the second", "last"):
        put(stage, tmp_path / "site", "pkg/__init__.py", text)
    stage.put_in_place()
    assert (tmp_path / "site" / "pkg" / "__init__.py").read_text() == "last"


def test_a_file_and_a_folder_of_one_name_are_refused(stage: Stage, tmp_path: Path) -> None:
    """In either order, and with the place where they meet."""
    put(stage, tmp_path, "pkg/sub/x.py")
    with pytest.raises(FileExistsError) as error:
        put(stage, tmp_path, "pkg/sub")
    assert error.value.filename.endswith("/pkg/sub")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        put(stage, tmp_path, "pkg/sub/x.py/y.py")
