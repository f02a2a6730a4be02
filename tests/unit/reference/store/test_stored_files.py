"""Files of the wheel store, which are stored under their sha256 and can have several names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from pytest_indexcache.reference.store.stored_files import StoredFile, StoredFiles
from pytest_indexcache.reference.words.behaviour import Behaviour

DEMO = canonicalize_name("demo")
NAME = "demo-1.0-py3-none-any.whl"


@pytest.fixture
def files(tmp_path: Path) -> StoredFiles:
    """Return an empty store."""
    return StoredFiles(tmp_path / "store", journal=lambda _: None)


def add(files: StoredFiles, folder: Path, data: bytes, name: str = NAME) -> StoredFile:
    """Add a file to the store."""
    partial = folder / "partial"
    partial.write_bytes(data)
    stored = files.add(partial, name, hashlib.sha256(data).hexdigest(), DEMO, built=True)
    assert not partial.exists()
    return stored


def test_builds_of_one_name_are_kept_apart(files: StoredFiles, tmp_path: Path) -> None:
    """Two files with the same name and different contents are stored separately."""
    contents = [b"a", b"b", b"c"]
    stored = [add(files, tmp_path, data) for data in contents]
    assert {it.path.name for it in stored} == {NAME}
    assert len({it.path for it in stored}) == 3
    assert [files.open(it.sha256, NAME) for it in stored] == stored
    assert [it.path.read_bytes() for it in stored] == contents


def test_the_same_file_twice_is_kept_once(files: StoredFiles, tmp_path: Path) -> None:
    """A file that is added twice, for example by two processes, is stored once."""
    assert add(files, tmp_path, b"x") == add(files, tmp_path, b"x")
    assert len(list((tmp_path / "store" / "files").rglob("*.whl"))) == 1


def test_a_file_has_every_name_that_is_asked_for(files: StoredFiles, tmp_path: Path) -> None:
    """A stored file can be requested by several names, and a changed copy is replaced."""
    stored = add(files, tmp_path, b"x")
    for _ in range(2):
        other = files.open(stored.sha256, "Demo-1.0-py3-none-any.whl")
        assert other is not None
        assert (other.path.name, other.path.read_bytes()) == ("Demo-1.0-py3-none-any.whl", b"x")
        other.path.write_bytes(b"damaged")
    assert files.open(stored.sha256, NAME) == stored


def test_damage_of_one_leaves_its_neighbours(files: StoredFiles, tmp_path: Path) -> None:
    """If one of two files is damaged, only this file is removed, and can be added again."""
    bad, good = (add(files, tmp_path, data) for data in (b"x", b"y"))
    assert not files.remove_damaged(bad.path)
    bad.path.write_bytes(b"damaged")
    assert files.remove_damaged(bad.path)
    assert (files.has(bad.sha256), files.open(good.sha256, NAME)) == (False, good)
    assert add(files, tmp_path, b"x").path.read_bytes() == b"x"


def test_a_file_that_was_touched_is_hashed_and_stays(files: StoredFiles, tmp_path: Path) -> None:
    """A file whose modification time has changed is hashed, and is kept if intact."""
    stored = add(files, tmp_path, b"x")
    os.utime(stored.path, ns=(1, 1))
    assert files.open(stored.sha256, NAME) == stored


@pytest.mark.parametrize("entry", [b'{"filename": "../../x"}', b'{"filename": ".."}', b"{", b"[]"])
def test_an_entry_of_nonsense_counts_as_none(
    entry: bytes, files: StoredFiles, tmp_path: Path
) -> None:
    """An invalid entry is ignored, and no file outside the store is touched."""
    precious = tmp_path / "x"
    precious.write_bytes(b"")
    stored = add(files, tmp_path, b"x")
    path = tmp_path / "store" / "entries" / f"{stored.sha256}.json"
    path.write_bytes(entry)
    assert files.open(stored.sha256, NAME) is None
    assert files.prune(downloads=False) == 1
    assert precious.is_file()


def test_pruning_takes_what_no_entry_names(files: StoredFiles, tmp_path: Path) -> None:
    """Pruning removes files without an entry, which a killed process left."""
    kept = add(files, tmp_path, b"x")
    assert files.open(kept.sha256, "other.whl") is not None
    lost = add(files, tmp_path, b"y")
    (tmp_path / "store" / "entries" / f"{lost.sha256}.json").unlink()
    assert files.prune(downloads=False) == 1
    assert files.prune(downloads=False) == 0
    assert not lost.path.exists()
    assert files.open(kept.sha256, "other.whl") is not None


def test_the_variant_that_trusts_stored_files_gives_damaged_ones(tmp_path: Path) -> None:
    """The variant that trusts stored files returns a damaged file and keeps it."""
    variant = Behaviour("variant", trust_stored_files=True)
    files = StoredFiles(tmp_path / "store", behaviour=variant, journal=lambda _: None)
    stored = add(files, tmp_path, b"x")
    stored.path.write_bytes(b"damaged")
    assert files.open(stored.sha256, NAME) == stored
    assert not files.remove_damaged(stored.path)
