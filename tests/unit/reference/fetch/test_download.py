"""Downloads: checked hashes, reused files, and interrupted downloads that are resumed."""

from __future__ import annotations

import threading
from typing import Literal

import pytest

from pytest_indexcache.errors import (
    ConnectionFailedError,
    HashMismatchError,
    InvalidDistributionError,
    OfflineError,
)
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.variants import VARIANTS

from .runs import DATA, NO_STORE, SHA256, Setup, remote


def test_a_file_is_downloaded_once_whatever_its_headers_say(setup: Setup) -> None:
    """A file with a hash is downloaded once, even if the response says no-store."""
    file = remote(sha256=SHA256)
    assert setup.fetch(file) == DATA
    assert setup.fetch(file) == DATA
    assert setup.index.asked == [(file.url, False)]


def test_name_that_no_disk_takes_is_told(setup: Setup) -> None:
    """A filename that is too long for the disk is an error before any request."""
    file = remote(name="a" * 250)
    with pytest.raises(InvalidDistributionError, match="its name has 271 characters, and file sys"):
        setup.fetch(file)
    assert setup.index.asked == []


def test_without_a_hash_the_http_cache_is_asked_each_time(setup: Setup) -> None:
    """A file without a hash in its link is requested in every run, through the HTTP cache."""
    file = remote()
    assert setup.fetch(file) == DATA
    setup.index.bodies[file.url] = b"other bytes"
    assert setup.fetch(file) == b"other bytes"
    assert setup.index.asked == [(file.url, True), (file.url, True)]


def test_offline_gives_what_a_url_gave_last(setup: Setup) -> None:
    """Offline, a link without a hash leads to the file last downloaded from the same URL."""
    file = remote()
    setup.fetch(file)
    setup.index.offline = True
    assert setup.fetch(file) == DATA
    assert len(setup.index.asked) == 1


@pytest.mark.parametrize("file", [remote(), remote(sha256=SHA256)], ids=["none", "sha256"])
def test_offline_without_a_stored_file_is_an_error(file: RemoteFile, setup: Setup) -> None:
    """Offline, the error for a file that is not in the store names the file and a remedy."""
    setup.index.offline = True
    with pytest.raises(OfflineError, match=r"any\.whl is not stored") as caught:
        setup.fetch(file)
    assert "without --offline" in caught.value.hint


def test_a_wrong_hash_is_an_error_and_nothing_is_kept(setup: Setup) -> None:
    """The error for a wrong hash names the file and both hashes, and no file is stored."""
    file = remote(sha256="0" * 64)
    with pytest.raises(HashMismatchError) as caught:
        setup.fetch(file)
    for text in ("demo-1.0-py3-none-any.whl", f"sha256 {'0' * 64}", f"got {SHA256}"):
        assert text in caught.value.problem
    assert [path for path in setup.folder.rglob("*.whl") if path.is_file()] == []
    assert len(setup.index.asked) == 1


def test_every_hash_that_is_named_must_agree(setup: Setup) -> None:
    """A file is accepted only if it matches every hash of its link."""
    with pytest.raises(HashMismatchError, match="expected sha512 00"):
        setup.fetch(remote(sha256=SHA256, sha512="0" * 128))


def test_unknown_algorithms_prove_nothing(setup: Setup) -> None:
    """A hash of an unknown algorithm does not count as a match."""
    with pytest.raises(HashMismatchError):
        setup.fetch(remote(blake9="0" * 64))


def test_a_body_that_breaks_off_is_asked_for_again(setup: Setup) -> None:
    """A download that breaks off is retried up to twice."""
    setup.index.breaks = 2
    assert setup.fetch(remote()) == DATA
    assert len(setup.index.asked) == 3


def test_only_the_rest_of_a_body_that_broke_off_is_asked_for(setup: Setup) -> None:
    """If a file has a hash, its interrupted download is resumed by a Range request."""
    setup.index.breaks = 1
    assert setup.fetch(remote(sha256=SHA256)) == DATA
    assert len(setup.index.asked) == 1
    assert [wanted for _, wanted in setup.index.wanted] == ["bytes=5-"]


@pytest.mark.parametrize("parts", ["whole", "refused", "first"])
def test_a_body_that_broke_off_comes_whole_where_ranges_are_not_answered(
    parts: Literal["whole", "refused", "first"], setup: Setup
) -> None:
    """If the server ignores or refuses the range, the whole file replaces a partial one."""
    setup.index.breaks, setup.index.parts = 1, parts
    assert setup.fetch(remote(sha256=SHA256)) == DATA
    assert len(setup.index.asked) == (1 if parts == "whole" else 2)


def test_a_connection_that_always_breaks_is_an_error(setup: Setup) -> None:
    """A download that fails on every attempt raises an error, and leaves no partial file."""
    setup.index.breaks = 9
    with pytest.raises(ConnectionFailedError):
        setup.fetch(remote())
    assert len(setup.index.asked) == 3
    assert [path for path in setup.folder.rglob("*.whl") if path.is_file()] == []


@pytest.mark.parametrize("file", [remote(size=99), remote(size=99, sha256="0" * 64)])
def test_another_length_than_announced_is_a_broken_body(file: RemoteFile, setup: Setup) -> None:
    """A body whose length differs from the size on the page counts as incomplete."""
    with pytest.raises(ConnectionFailedError, match=f"sent {len(DATA)} bytes, not 99"):
        setup.fetch(file)
    assert len(setup.index.asked) == 3


def test_the_right_hash_makes_up_for_a_wrong_size(setup: Setup) -> None:
    """A file with the right hash is accepted even if the size on the page is wrong."""
    assert setup.fetch(remote(size=99, sha256=SHA256)) == DATA


def test_no_file_is_downloaded_twice_in_one_run(setup: Setup) -> None:
    """Threads that need the same file at once share one download."""
    barrier = threading.Event()
    setup.index.wait = lambda: barrier.wait(10)
    file = remote()
    with setup.run() as downloads:
        threads = [threading.Thread(target=downloads.fetch, args=(file,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        barrier.set()
        for thread in threads:
            thread.join()
        downloads.fetch(file)
    assert len(setup.index.asked) == 1


def test_several_files_come_in_the_order_in_which_they_were_asked_for(setup: Setup) -> None:
    """The results of parallel downloads are in the order of the requested files."""
    files = [remote(name=f"demo{number}") for number in range(20)]
    setup.index.bodies = {file.url: file.filename.encode() for file in files}
    with setup.run() as downloads:
        paths = downloads.fetch_all(files)
        assert [path.read_bytes().decode() for path in paths] == [it.filename for it in files]


def test_the_first_error_of_several_ends_them_all(setup: Setup) -> None:
    """If a parallel download fails, its error is raised, and pending downloads are cancelled."""
    files = [remote(name=f"demo{number}", sha256="0" * 64) for number in range(200)]
    setup.index.bodies = {file.url: DATA for file in files}
    # Without a pause, a busy machine may finish all downloads before it sees the first error.
    setup.index.wait = lambda: threading.Event().wait(0.05)
    with setup.run() as downloads, pytest.raises(HashMismatchError):
        downloads.fetch_all(files)
    assert len(setup.index.asked) < 200


def test_files_on_this_disk_are_used_where_they_are(setup: Setup) -> None:
    """A file with a file URL is used without a copy, and its hash is checked."""
    path = setup.folder / "demo-1.0-py3-none-any.whl"
    path.write_bytes(DATA)
    with setup.run() as downloads:
        assert downloads.fetch(remote(url=path.as_uri(), sha256=SHA256)) == path
        with pytest.raises(HashMismatchError):
            downloads.fetch(remote(url=path.as_uri(), sha256="0" * 64))
        with pytest.raises(InvalidDistributionError, match="cannot be read"):
            downloads.fetch(remote(url=(setup.folder / "none.whl").as_uri()))


def test_a_damaged_file_can_be_fetched_again(setup: Setup) -> None:
    """A damaged file can be downloaded again in the same run."""
    file = remote(sha256=SHA256)
    with setup.run() as downloads:
        path = downloads.fetch(file)
        path.unlink()
        assert downloads.fetch_again(file).read_bytes() == DATA
    assert len(setup.index.asked) == 2


OBEY = VARIANTS["obey-no-store"]


def test_the_variant_that_obeys_no_store_downloads_each_time(setup: Setup) -> None:
    """The variant for no-store reuses a no-store file only in the run that downloaded it."""
    file = remote(sha256=SHA256)
    with setup.run(OBEY) as downloads:
        assert downloads.fetch(file) == downloads.fetch(file)
    assert setup.fetch(file, OBEY) == DATA
    assert len(setup.index.asked) == 2
    assert "demo-1.0-py3-none-any.whl: not stored, the response said no-store" in setup.journal


@pytest.mark.parametrize(
    ("headers", "override", "downloads"),
    [
        (Headers.of({"Cache-Control": "max-age=0, no-cache, No-Store"}), None, 2),
        (Headers.of({"Cache-Control": "max-age=60"}), None, 1),
        (Headers(), None, 1),
        (NO_STORE, "max-age=365000000, immutable", 1),
        (Headers(), "no-store", 2),
    ],
)
def test_that_variant_judges_the_response_with_the_override_applied(
    headers: Headers, override: str | None, downloads: int, setup: Setup
) -> None:
    """The variant for no-store obeys an override of the index's Cache-Control."""
    setup.index.headers = headers
    index = IndexLocation("demo", "https://index.example/simple", files_override=override)
    file = remote(sha256=SHA256, index=index)
    setup.fetch(file, OBEY)
    setup.fetch(file, OBEY)
    assert len(setup.index.asked) == downloads


def test_large_files_are_announced(setup: Setup) -> None:
    """The download of a file of 1 MiB or more is announced in the output."""
    data = b"x" * (3 << 20)
    setup.index.bodies[remote().url] = data
    setup.index.headers = Headers.of({"Content-Length": str(len(data))})
    setup.fetch(remote())
    assert setup.said == ["Downloading demo (3.0MiB)"]
