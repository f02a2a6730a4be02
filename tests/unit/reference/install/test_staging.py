"""A staging folder with the layout of a venv, from which files are moved into place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.install.staging import occupied, put_in_place


def put(folder: Path, *paths: str) -> Path:
    """Write files that contain their own paths; return their folder."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def files_in(folder: Path) -> set[str]:
    """Return the relative paths of the files in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_place_gets_its_files(tmp_path: Path) -> None:
    """Staged files are moved to their folders, and are merged into existing folders."""
    venv = put(tmp_path / "venv", "site/pkg/old.py", "bin/python")
    added = put(tmp_path / "added", "site/pkg/new.py", "site/a-1.dist-info/RECORD", "bin/run")
    put_in_place(added, venv)
    old, new = {"site/pkg/old.py", "bin/python"}, {"site/pkg/new.py", "site/a-1.dist-info/RECORD"}
    assert files_in(venv) == {*old, *new, "bin/run"}
    assert files_in(added) == set()


def test_a_dist_info_is_moved_after_what_it_speaks_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dist-info is moved last, so that a killed change leaves no incomplete distribution."""
    moved: list[str] = []
    monkeypatch.setattr(Path, "replace", lambda path, _: moved.append(path.name))
    venv = put(tmp_path / "venv", "site/a-1.dist-info/INSTALLER", "share/x")
    added = put(tmp_path / "added", "site/a-1.dist-info/RECORD", "site/a.py", "share/demo")
    put_in_place(added, venv)
    assert moved[-1] == "RECORD"
    assert set(moved) == {"RECORD", "a.py", "demo"}


@pytest.mark.parametrize(
    ("there", "comes", "doomed", "place"),
    [
        ("a/x.py", "a", (), "a"),
        ("a/x.py", "a", ("a/x.py",), None),
        ("a", "a/x.py", (), "a"),
        ("a", "a/x.py", ("a",), None),
        ("a/x.py", "a/x.py", (), None),
        ("b", "a/x.py", (), None),
    ],
)
def test_a_file_and_a_folder_of_one_name_are_found(
    there: str, comes: str, doomed: tuple[str, ...], place: str | None, tmp_path: Path
) -> None:
    """A conflict between a staged file and a folder, or the reverse, is found before the move."""
    venv, added = put(tmp_path / "venv", there), put(tmp_path / "added", comes)
    found = occupied(added, venv, {str(venv / path) for path in doomed})
    assert found == (venv / place if place else None)
