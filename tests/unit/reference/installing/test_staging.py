"""Where files wait before they are put into a venv."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.installing.staging import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage on which nothing is."""
    return Stage(tmp_path / "staging")


def put(stage: Stage, place: Path, path: str) -> str:
    """Write a file that waits, and return where it does."""
    target = stage.path_for(str(place), path)
    Path(target).write_text(path)
    return target


def test_each_place_gets_its_files(stage: Stage, tmp_path: Path) -> None:
    """A folder that is there is merged with."""
    site, scripts = tmp_path / "site", tmp_path / "bin"
    (site / "pkg").mkdir(parents=True)
    (site / "pkg" / "old.py").touch()
    for place, path in ((site, "pkg/new.py"), (site, "a-1.dist-info/RECORD"), (scripts, "run")):
        put(stage, place, path)
    stage.put_in_place()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert {"site/pkg/old.py", "site/pkg/new.py", "site/a-1.dist-info"} <= found
    assert (scripts / "run").read_text() == "run"


def test_what_was_discarded_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    """Folders go with their last file, and may be made again; others' files stay."""
    site, scripts = tmp_path / "site", tmp_path / "bin"
    kept = put(stage, site, "pkg/kept.py")
    gone = [put(stage, site, "pkg/sub/gone.py"), put(stage, scripts, "run")]
    stage.discard([*gone, *gone])
    assert Path(kept).is_file()
    assert not Path(gone[0]).parent.exists()
    put(stage, site, "pkg/sub/again.py")
    stage.put_in_place()
    assert (site / "pkg" / "sub" / "again.py").is_file()
    assert not scripts.exists()
