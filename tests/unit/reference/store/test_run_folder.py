"""The folder of a run, and its removal after the run has been killed."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.reference.store.run_folder import RunFolder, remove_abandoned


def test_paths_are_new_and_go_with_the_run(tmp_path: Path) -> None:
    """Two requests for one name give different paths, and both are removed at the end."""
    run = RunFolder(tmp_path)
    first, second = run.new_path("a.whl"), run.new_path("a.whl")
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    assert first.name == second.name == "a.whl"
    assert first.read_bytes() == b"1"
    run.close()
    assert not first.exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"guard"}


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    """A run without downloads creates no folder."""
    RunFolder(tmp_path / "runs").close()
    assert not (tmp_path / "runs").exists()


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    """A run removes the folder of a killed run, but not the folder of a running one."""
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "half.whl").write_bytes(b"")
    (tmp_path / "dead.lock").write_bytes(b"")
    living = RunFolder(tmp_path)
    kept = living.new_path("a.whl")
    kept.write_bytes(b"")
    assert not (tmp_path / "dead").exists()
    assert remove_abandoned(tmp_path) == 0
    assert kept.exists()
    living.close()


def test_looking_for_abandoned_runs_needs_no_folder(tmp_path: Path) -> None:
    """If the parent folder does not exist, the search for abandoned folders finds nothing."""
    assert remove_abandoned(tmp_path / "none") == 0
