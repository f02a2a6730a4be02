"""Files of the wheel store that are found, added and removed, even if damaged."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.reference.store.stored_files import StoredFile
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.packages import RemoteFile

DATA = b"the bytes of a wheel"
SHA256 = hashlib.sha256(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
URL = "https://files.example/demo-1.0-py3-none-any.whl"


def remote(*, name: str = "demo", url: str = URL, **hashes: str) -> RemoteFile:
    """Make a file as an index lists it."""
    filename = f"{name}-1.0-py3-none-any.whl"
    return RemoteFile(filename, url, canonicalize_name(name), Version("1.0"), hashes)


@pytest.fixture
def journal() -> list[str]:
    """Return the list that receives the store's journal."""
    return []


@pytest.fixture
def store(tmp_path: Path, journal: list[str]) -> WheelStore:
    """Make an empty store."""
    return WheelStore(tmp_path / "store", journal=journal.append)


def put(store: WheelStore, file: RemoteFile, data: bytes = DATA) -> StoredFile:
    """Add a file as if it had been downloaded."""
    store.folder.mkdir(exist_ok=True)
    partial = store.folder / "partial"
    partial.write_bytes(data)
    digests = {name: hashlib.new(name, data).hexdigest() for name in ("sha256", *file.hashes)}
    return store.add(partial, file, digests)


def test_a_file_is_found_by_the_hash_that_its_index_names(
    store: WheelStore, journal: list[str]
) -> None:
    """A file is found by the hash that its index names, and the reuse is in the journal."""
    stored = put(store, remote(sha256=SHA256))
    assert stored.path.name == "demo-1.0-py3-none-any.whl"
    assert stored.path.read_bytes() == DATA
    assert store.find(remote(sha256=SHA256.upper())) == stored
    assert journal == [
        "demo-1.0-py3-none-any.whl: stored in the wheel store by its sha256",
        f"demo-1.0-py3-none-any.whl: reused, the wheel store has its sha256 {SHA256[:12]}",
    ]


def test_another_hash_is_not_found(store: WheelStore, journal: list[str]) -> None:
    """A stored file is not found by a hash that differs from its own."""
    put(store, remote(sha256=SHA256))
    assert store.find(remote(sha256="0" * 64)) is None
    assert journal[-1].endswith("the wheel store does not have its sha256 000000000000")


def test_any_hash_that_was_named_will_do(store: WheelStore) -> None:
    """A file that was stored under its sha256 is also found by its sha512."""
    stored = put(store, remote(sha512=SHA512))
    assert store.find(remote(sha512=SHA512)) == stored
    assert store.find(remote(sha256=SHA256)) == stored
    assert store.find(remote(md5="0" * 32)) is None


def test_without_a_hash_only_the_url_finds_a_file(store: WheelStore) -> None:
    """Without a hash, a file is found only by its URL."""
    stored = put(store, remote())
    assert store.find(remote()) is None
    assert store.find_by_url(remote(url=f"{URL}")) == stored
    assert store.find_by_url(remote(url=f"{URL}?v=2")) is None


def test_what_a_url_gave_last_is_found_where_no_hash_is_named_any_more(store: WheelStore) -> None:
    """A URL without a hash finds its last file, even if that file was stored under a hash."""
    put(store, remote(sha256=SHA256))
    newer = b"other bytes"
    found = put(store, remote(sha256=hashlib.sha256(newer).hexdigest()), newer)
    os.utime(found.path, ns=(2**62, 2**62))
    put(store, remote(sha256=hashlib.sha256(newer).hexdigest()), newer)
    given = store.find_by_url(remote())
    assert given is not None
    assert given.path.read_bytes() == newer


def test_what_a_url_gave_last_counts_whether_its_hash_was_named_or_not(store: WheelStore) -> None:
    """A URL finds its newest file, even if only one of two downloads had a hash."""
    put(store, remote())
    newer = b"other bytes"
    put(store, remote(sha256=hashlib.sha256(newer).hexdigest()), newer)
    given = store.find_by_url(remote())
    assert given is not None
    assert given.path.read_bytes() == newer


def test_users_in_urls_are_neither_kept_nor_compared(store: WheelStore) -> None:
    """Users in URLs are neither stored nor compared."""
    with_user = URL.replace("https://", "https://user:secret@")
    stored = put(store, remote(url=with_user))
    assert store.find_by_url(remote()) == stored
    kept = b"".join(path.read_bytes() for path in store.folder.rglob("*.json"))
    assert b"secret" not in kept


def test_the_same_bytes_have_every_name_that_they_are_asked_for(store: WheelStore) -> None:
    """A file is found under different spellings of its name."""
    put(store, remote(sha256=SHA256))
    other = replace(remote(sha256=SHA256), filename="Demo-1.0-py3-none-any.whl")
    found = store.find(other)
    assert found is not None
    assert found.path.name == "Demo-1.0-py3-none-any.whl"
    assert found.path.read_bytes() == DATA


@pytest.mark.parametrize("data", [b"", DATA[:-1], b"x" * len(DATA)], ids=["empty", "cut", "other"])
def test_a_damaged_file_is_not_given_and_goes(
    data: bytes, store: WheelStore, journal: list[str]
) -> None:
    """A truncated or changed file is reported in the journal and removed, and not returned."""
    stored = put(store, remote(sha256=SHA256))
    stored.path.write_bytes(data)
    os.utime(stored.path, ns=(1, 1))
    assert store.find(remote(sha256=SHA256)) is None
    assert not stored.path.exists()
    assert journal[-2] == ("demo-1.0-py3-none-any.whl: removed from the wheel store, it is damaged")


def test_a_file_whose_date_changed_is_hashed_and_kept(store: WheelStore) -> None:
    """An intact file with a changed date, as in a copied cache, is hashed and kept."""
    stored = put(store, remote(sha256=SHA256))
    os.utime(stored.path, ns=(1, 1))
    assert store.find(remote(sha256=SHA256)) == stored


def test_damage_that_no_date_tells_of_is_found_when_it_is_looked_for(store: WheelStore) -> None:
    """Damage that changes neither date nor size of a wheel is found by hashing it."""
    stored = put(store, remote(sha256=SHA256))
    status = stored.path.stat()
    stored.path.write_bytes(b"x" * len(DATA))
    os.utime(stored.path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.find(remote(sha256=SHA256)) == stored
    assert store.remove_damaged(stored.path)
    assert store.find(remote(sha256=SHA256)) is None


def test_what_is_intact_or_not_in_the_store_is_left_alone(
    store: WheelStore, tmp_path: Path
) -> None:
    """An intact file, or a file outside the store, is not removed as damaged."""
    stored = put(store, remote(sha256=SHA256))
    assert not store.remove_damaged(stored.path)
    other = tmp_path / "demo.whl"
    other.write_bytes(b"")
    assert not store.remove_damaged(other)
    assert other.exists()


def test_a_record_that_is_damaged_counts_as_none(store: WheelStore) -> None:
    """The file of a truncated entry is not found, but can be stored again."""
    put(store, remote(sha256=SHA256))
    for path in store.folder.rglob("*.json"):
        path.write_bytes(path.read_bytes()[:5])
    assert store.find(remote(sha256=SHA256)) is None
    assert store.find_by_url(remote()) is None
    put(store, remote(sha256=SHA256))
    assert store.find(remote(sha256=SHA256)) is not None


@pytest.mark.parametrize("digest", ["../../../etc", "", "0" * 31, "sha256", "0" * 63 + "/"])
def test_no_hash_becomes_a_path_that_leads_elsewhere(digest: str, store: WheelStore) -> None:
    """A hash from a page cannot become a path outside the store."""
    assert store.find(remote(sha256=digest)) is None
    assert store.find(remote(sha512=digest)) is None


def test_wheels_of_sdists_are_kept_for_each_python(store: WheelStore, tmp_path: Path) -> None:
    """A built wheel is found by the hash of its sdist and the name of the Python."""
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(DATA)
    stored = store.add_built(wheel, canonicalize_name("demo"), SHA512, "cpython311")
    assert store.find_built(SHA512, "cpython311") == stored
    assert store.find_built(SHA512, "cpython312") is None


def fill(store: WheelStore, name: str) -> RemoteFile:
    """Store every kind of file and link for a project."""
    data = name.encode()
    url = f"https://files.example/{name}.whl"
    file = remote(name=name, url=url, sha256=hashlib.sha256(data).hexdigest())
    put(store, file, data)
    return file


def test_clearing_one_project_leaves_the_others(store: WheelStore) -> None:
    """Clearing one project removes its wheels and links, but not those of other projects."""
    first, second = fill(store, "a"), fill(store, "b")
    assert store.clear([canonicalize_name("a")]) == 1
    assert (store.find(first), store.find_by_url(first)) == (None, None)
    assert store.find(second) is not None
    assert store.find_by_url(second) is not None


def test_clearing_everything_leaves_nothing(store: WheelStore) -> None:
    """Clearing the store removes damaged entries, too, and returns the number of files."""
    fill(store, "a")
    fill(store, "b")
    (store.folder / "files" / "junk").mkdir()
    assert store.clear() == 2
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_urls_of_a_project_are_known(store: WheelStore) -> None:
    """The store lists the URLs of a project, so that they can be cleared in the HTTP cache."""
    fill(store, "a")
    fill(store, "b")
    assert set(store.urls_of([canonicalize_name("a")])) == {
        "https://files.example/a.whl",
        "https://files.example/a.whl.metadata",
    }


def test_pruning_removes_only_what_is_of_no_use(store: WheelStore) -> None:
    """Pruning removes incomplete and damaged files, and links to removed files."""
    good, bad = fill(store, "a"), remote(name="b", url="https://files.example/b.whl")
    damaged = put(store, bad)
    damaged.path.write_bytes(b"")
    os.utime(damaged.path, ns=(1, 1))
    (store.folder / "files" / ".0123.partial").write_bytes(b"half")
    assert store.prune() == 3
    assert store.find(good) is not None
    assert store.find_by_url(bad) is None
    assert store.prune() == 0


def test_pruning_downloads_keeps_what_was_built(store: WheelStore, tmp_path: Path) -> None:
    """Pruning downloads does not remove built wheels."""
    file = fill(store, "a")
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(DATA)
    store.add_built(wheel, canonicalize_name("demo"), SHA512, "cpython311")
    store.prune(downloads=True)
    assert store.find(file) is None
    assert store.find_built(SHA512, "cpython311") is not None
