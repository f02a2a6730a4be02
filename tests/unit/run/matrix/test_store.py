"""The store of plays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_indexcache.errors import StoreError
from pytest_indexcache.run.matrix.store import PlayKey, Store, stored_records
from pytest_indexcache.run.plays.results import Verdict

from .records import HERE, record

KEY = PlayKey("d1", "uv==0.8.11", "wire")


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """A stored play is read back, and a later play of the same cell replaces it."""
    with Store(tmp_path / "new folder" / "s", HERE) as store:
        assert store.recall(KEY) is None
        store.keep(KEY, record(verdict=Verdict.FAILED))
        store.keep(KEY, record())
    with Store(tmp_path / "new folder" / "s", HERE) as store:
        assert store.recall(KEY) == record()


@pytest.mark.parametrize(
    "key",
    [
        replace(KEY, digest="d2"),
        replace(KEY, installer="uv==0.8.12"),
        replace(KEY, transport="inprocess"),
    ],
)
def test_another_play_does_not_come_back(tmp_path: Path, key: PlayKey) -> None:
    """A stored play of another scenario, installer or transport is not returned."""
    with Store(tmp_path / "s", HERE) as store:
        store.keep(KEY, record())
        assert store.recall(key) is None


@pytest.mark.parametrize(
    "there",
    [
        replace(HERE, platform="macosx-14.0-arm64"),
        replace(HERE, python="CPython 3.14.0"),
        replace(HERE, harness="0.2.0+abc"),
    ],
)
def test_other_circumstances_ask_for_another_play(tmp_path: Path, there: object) -> None:
    """A stored play from another platform, Python or package version is not returned."""
    with Store(tmp_path / "s", HERE) as store:
        store.keep(KEY, record())
    with Store(tmp_path / "s", there) as store:  # type: ignore[arg-type]
        assert store.recall(KEY) is None


def test_a_newer_version_of_the_package_takes_the_place(tmp_path: Path) -> None:
    """A play by a newer package replaces the old play, so that the store does not grow."""
    newer = replace(HERE, harness="0.2.0+def")
    with Store(tmp_path / "s", HERE) as old, Store(tmp_path / "s", newer) as new:
        old.keep(KEY, record())
        new.keep(KEY, record(where=newer))
        assert new.recall(KEY) == record(where=newer)
        assert old.recall(KEY) is None


def test_a_record_that_somebody_wrote_by_hand_is_played_again(tmp_path: Path) -> None:
    """An unreadable record is ignored, so that its scenario is played again."""
    with Store(tmp_path / "s", HERE) as store:
        store.keep(KEY, record())
    with closing(sqlite3.connect(tmp_path / "s")) as other:
        other.execute("UPDATE plays SET record = '{\"result\": 3}'")
        other.commit()
    with Store(tmp_path / "s", HERE) as store:
        assert store.recall(KEY) is None


def test_a_writer_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If another writer blocks the store for too long, the error says so."""
    monkeypatch.setattr("pytest_indexcache.run.matrix.store.WAIT_SECONDS", 0.05)
    with Store(tmp_path / "s", HERE) as store, closing(sqlite3.connect(tmp_path / "s")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked") as caught:
            store.keep(KEY, record())
        other.rollback()
        assert "another process has been writing into it" in caught.value.hint
        store.keep(KEY, record())


def test_a_store_that_is_damaged_is_told(tmp_path: Path) -> None:
    """If a store is damaged, the error names the file and a remedy."""
    with Store(tmp_path / "s", HERE) as store:
        store.keep(KEY, record())
    whole = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError) as caught, Store(tmp_path / "s", HERE) as store:
        store.recall(KEY)
    assert str(tmp_path / "s") in str(caught.value)
    assert "remove it, and its plays are played again" in caught.value.hint


@pytest.mark.parametrize(
    ("installer", "python", "since", "expected"),
    [
        ("pip==1.0", "", "2026-11-20T00:00:00+00:00", "it does not start"),
        ("pip==1.0", "", "2026-11-22T00:00:00+00:00", None),
        ("pip==1.0", "3.8", "2026-11-20T00:00:00+00:00", None),
        ("pip==1.1", "", "2026-11-20T00:00:00+00:00", None),
    ],
)
def test_a_release_that_does_not_start_is_remembered_for_its_python(
    tmp_path: Path, installer: str, python: str, since: str, expected: str | None
) -> None:
    """A release that does not start is remembered for its Python and for a limited time."""
    with Store(tmp_path / "plays.sqlite", HERE) as store:
        store.keep_unusable("pip==1.0", "", "it does not start", "2026-11-21T00:00:00+00:00")
        assert store.recall_unusable(installer, python, since) == expected


def test_every_play_of_a_store_can_be_listed(tmp_path: Path) -> None:
    """Plays of all package versions are listed without writing the store."""
    file = tmp_path / "s"
    other = replace(HERE, harness="older")
    with Store(file, HERE) as store:
        store.keep(KEY, record())
        store.keep(replace(KEY, digest="d2"), replace(record(), circumstances=other))
    before = file.read_bytes()
    assert [it.circumstances.harness for it in stored_records(file)] == [HERE.harness, "older"]
    assert file.read_bytes() == before


def test_what_is_no_store_is_not_listed(tmp_path: Path) -> None:
    """Listing plays does not create a missing store, and refuses another SQLite file."""
    with pytest.raises(StoreError, match="it does not exist"):
        stored_records(tmp_path / "nowhere")
    assert not list(tmp_path.iterdir())
    with closing(sqlite3.connect(tmp_path / "other")) as connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(StoreError, match="is not a store"):
        stored_records(tmp_path / "other")
