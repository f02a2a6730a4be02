"""The store of HTTP responses, in which a file is either complete or absent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.messages import Headers, http_date
from pytest_indexcache.reference.http_cache.response_store import ResponseFile, ResponseStore
from pytest_indexcache.reference.http_cache.rules.cache_freshness import ByteRange, StoredResponse

URL = "https://pypi.org/simple/torch/"
SMALL = b"<a href='torch.whl'>torch</a>"
LARGE = bytes(range(256)) * 4096


def head(
    *, url: str = URL, selecting: tuple[tuple[str, str | None], ...] = (), at: float = 1000.0
) -> StoredResponse:
    """Return the head of a response that arrived at this time."""
    headers = Headers((("Date", http_date(at)), ("Set-Cookie", "a=\xe9"), ("Set-Cookie", "b=2")))
    return StoredResponse(url, 200, headers, at - 1, at, selecting)


def put(store: ResponseStore, response: StoredResponse, body: bytes) -> None:
    """Store a response in pieces."""
    writer = store.write(response)
    assert writer is not None
    for start in range(0, len(body), 100_000):
        writer.add(body[start : start + 100_000])
    assert writer.commit()


def body_of(file: ResponseFile) -> bytes | None:
    """Return the whole stored body, or None if it is damaged."""
    body = file.open()
    return None if body is None else b"".join(body.chunks(0, file.length))


@pytest.fixture
def store(tmp_path: Path) -> ResponseStore:
    """Make an empty store."""
    return ResponseStore(tmp_path)


def files_of(store: ResponseStore) -> list[Path]:
    """Return every file below the store."""
    return [path for path in store.directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize("body", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_what_was_stored_is_found_as_it_was(store: ResponseStore, body: bytes) -> None:
    """A stored response is read with the same status, header fields and body."""
    part = ByteRange(0, 9, 99)
    response = StoredResponse(URL, 206, head().headers, 1.5, 2.5, (("accept", None),), part)
    put(store, response, body)
    (found,) = store.find(URL)
    assert found.head == response
    assert found.length == len(body)
    assert body_of(found) == body
    opened = found.open()
    assert opened is not None
    assert b"".join(opened.chunks(3, min(7, len(body)))) == body[3:7]


def test_a_url_that_was_not_stored_is_not_found(store: ResponseStore) -> None:
    """An unknown URL is not found, even if the folder of the store is missing."""
    assert store.find(URL) == []


def test_a_url_is_found_under_any_of_its_spellings(store: ResponseStore) -> None:
    """A response is found under any equivalent spelling of its URL."""
    put(store, head(url=URL), SMALL)
    assert len(store.find("https://user:secret@PyPI.org:443/simple/torch/#fragment")) == 1


def test_variants_stand_beside_each_other_the_latest_first(store: ResponseStore) -> None:
    """Variants of a URL are listed latest first, and a new response replaces the same variant."""
    put(store, head(selecting=(("accept", "html"),), at=1000), b"1")
    put(store, head(selecting=(("accept", "json"),), at=2000), b"2")
    put(store, head(selecting=(("accept", "html"),), at=3000), b"3")
    assert [body_of(file) for file in store.find(URL)] == [b"3", b"2"]


def test_urls_are_kept_apart(store: ResponseStore) -> None:
    """Removing the responses of one URL does not remove those of other URLs."""
    urls = [f"https://pypi.org/simple/p{number}/" for number in range(40)]
    for url in urls:
        put(store, head(url=url), url.encode())
    store.remove_url(urls[0])
    found = [[body_of(file) for file in store.find(url)] for url in urls]
    assert found == [[], *([url.encode()] for url in urls[1:])]


def test_variants_do_not_grow_without_end(store: ResponseStore) -> None:
    """The number of stored variants of one URL is limited."""
    for number in range(50):
        put(store, head(selecting=(("cookie", str(number)),), at=1000 + number), b"x")
    found = store.find(URL)
    assert 30 <= len(found) <= 40
    assert found[0].head.selecting == (("cookie", "49"),)


def test_another_head_is_given_to_the_same_body(store: ResponseStore) -> None:
    """An update replaces the header fields and keeps the body, even if the file is renamed."""
    put(store, head(), LARGE)
    (before,) = store.find(URL)
    changed = head(selecting=(("accept", "json"),), at=5000)
    store.update(before, changed)
    (after,) = store.find(URL)
    assert after.head == changed
    assert body_of(after) == LARGE


def test_removing_takes_a_response_a_url_or_all(store: ResponseStore) -> None:
    """Removing one response, or all responses of a URL, leaves all others."""
    put(store, head(selecting=(("a", "1"),)), SMALL)
    put(store, head(selecting=(("a", "2"),)), SMALL)
    other = "https://pypi.org/simple/numpy/"
    put(store, head(url=other), SMALL)
    store.find(URL)[0].remove()
    assert len(store.find(URL)) == 1
    store.remove_url(URL)
    assert store.find(URL) == []
    assert len(store.find(other)) == 1
    store.clear()
    assert store.find(other) == []
    put(store, head(), SMALL)
    assert len(store.find(URL)) == 1


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _overwrite(path: Path) -> None:
    path.write_bytes(b"garbage" * 100)


def _flip(position: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[position] ^= 0xFF
        path.write_bytes(data)

    return flip


@pytest.mark.parametrize(
    "damage",
    [_truncate, _cut_in_half, _empty, _append, _overwrite, _flip(12), _flip(-20), _flip(-5)],
    ids=["truncated", "half", "empty", "appended", "overwritten", "head", "body", "footer"],
)
@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
def test_a_damaged_file_is_a_miss_and_goes(
    store: ResponseStore, body: bytes, damage: Callable[[Path], None]
) -> None:
    """A damaged file is removed from the store, and its response counts as not stored."""
    put(store, head(), body)
    (path,) = files_of(store)
    damage(path)
    assert [body_of(file) for file in store.find(URL)] in ([], [None])
    assert files_of(store) == []
    put(store, head(), body)
    assert body_of(store.find(URL)[0]) == body


def test_a_body_that_vanished_is_a_miss(store: ResponseStore) -> None:
    """A response whose file was removed after the lookup counts as not stored."""
    put(store, head(), LARGE)
    (found,) = store.find(URL)
    store.clear()
    assert found.open() is None


def test_a_reader_goes_on_while_the_file_is_replaced(store: ResponseStore) -> None:
    """An open body can be read to its end even if the file is replaced meanwhile."""
    put(store, head(), LARGE)
    opened = store.find(URL)[0].open()
    assert opened is not None
    chunks = opened.chunks(0, len(LARGE))
    first = next(chunks)
    put(store, head(), b"other" * 100_000)
    assert first + b"".join(chunks) == LARGE


def test_what_is_given_up_leaves_nothing(store: ResponseStore) -> None:
    """A response whose body is not read to its end does not change the store."""
    put(store, head(), SMALL)
    writer = store.write(head())
    assert writer is not None
    writer.add(b"half of")
    writer.discard()
    writer.add(b" it")
    assert not writer.commit()
    assert body_of(store.find(URL)[0]) == SMALL
    assert len(files_of(store)) == 1


def test_old_leftovers_of_killed_runs_are_swept(store: ResponseStore) -> None:
    """Old temporary files are removed; recent ones are kept because they may be in use."""
    temporary = store.directory / "tmp"
    temporary.mkdir(parents=True)
    old, recent = temporary / "1-1-1", temporary / "2-2-2"
    for path in (old, recent):
        path.write_bytes(b"half")
    os.utime(old, (recent.stat().st_mtime - 2 * 86_400,) * 2)
    put(store, head(), SMALL)
    assert [path.name for path in temporary.iterdir()] == ["2-2-2"]


def test_a_folder_that_cannot_be_written_stores_nothing(tmp_path: Path) -> None:
    """If the store's folder is a file, storing and lookup have no effect and raise no error."""
    (tmp_path / "responses-3").write_text("a file")
    store = ResponseStore(tmp_path)
    assert store.write(head()) is None
    assert store.find(URL) == []
    store.clear()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_stores_nothing(store: ResponseStore) -> None:
    """If the disk is full, the new response is not stored and older ones are kept."""
    put(store, head(), SMALL)
    writer = store.write(head())
    assert writer is not None
    writer._file.close()
    with Path("/dev/full").open("wb", buffering=0) as full:
        writer._file = full
        writer.add(LARGE)
        assert not writer.commit()
    assert body_of(store.find(URL)[0]) == SMALL
    assert len(files_of(store)) == 1
