"""Records of indexes: pages and metadata that outlive a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.words.simple_page import SimplePage

INDEX = "https://index.example/simple"
PAGE = SimplePage(f"{INDEX}/demo/", "text/html; charset=utf-8", b"<a href='x'>\xff\n</a>")


@pytest.fixture
def records(tmp_path: Path) -> IndexRecords:
    """Make empty records."""
    return IndexRecords(tmp_path)


def test_a_page_is_recalled_as_it_was(records: IndexRecords, tmp_path: Path) -> None:
    """A recorded page is returned with its URL, content type and body."""
    assert records.recall_page(INDEX, "demo") is None
    records.remember_page(INDEX, "demo", PAGE)
    assert IndexRecords(tmp_path).recall_page(f"{INDEX}/", "demo") == PAGE
    assert records.recall_page("https://other.example/simple", "demo") is None
    assert records.recall_page(INDEX, "other") is None


def test_an_unknown_project_is_remembered_as_such(records: IndexRecords) -> None:
    """A recorded missing project differs from a recorded empty page, and from no record."""
    records.remember_page(INDEX, "absent", SimplePage(f"{INDEX}/absent/"))
    records.remember_page(INDEX, "empty", SimplePage(f"{INDEX}/empty/", "text/html", b""))
    absent, empty = records.recall_page(INDEX, "absent"), records.recall_page(INDEX, "empty")
    assert absent is not None
    assert absent.body is None
    assert empty is not None
    assert empty.body == b""


def test_the_newest_page_counts(records: IndexRecords) -> None:
    """A newly recorded page replaces the earlier page of the same project."""
    records.remember_page(INDEX, "demo", PAGE)
    newer = SimplePage(PAGE.url, "text/html", b"newer")
    records.remember_page(INDEX, "demo", newer)
    assert records.recall_page(INDEX, "demo") == newer


def test_what_is_kept_already_is_not_written_again(records: IndexRecords, tmp_path: Path) -> None:
    """An unchanged page is not written again."""
    records.remember_page(INDEX, "demo", PAGE)
    (file,) = tmp_path.glob("pages/*")
    before = file.stat().st_ino
    records.remember_page(INDEX, "demo", PAGE)
    assert file.stat().st_ino == before


def test_metadata_is_recalled_by_its_key(records: IndexRecords) -> None:
    """Recorded metadata is found by its key (a hash or a URL), with the same bytes."""
    text = b"Metadata-Version: 2.1\nName: Demo.One\n\nlong\ntext\n"
    records.remember_metadata("sha256:ab", text)
    assert records.recall_metadata("sha256:ab") == text
    assert records.recall_metadata("sha256:cd") is None


def test_metadata_in_the_place_of_another_is_not_recalled(
    records: IndexRecords, tmp_path: Path
) -> None:
    """A record that is copied to another record's place is ignored, because its key differs."""
    records.remember_metadata("file sha256:ab", b"Name: helper\n")
    (first,) = tmp_path.glob("metadata/*")
    records.remember_metadata("file sha256:cd", b"Name: victim\n")
    (second,) = set(tmp_path.glob("metadata/*")) - {first}
    second.write_bytes(first.read_bytes())
    assert records.recall_metadata("file sha256:cd") is None


def test_no_record_holds_a_password(records: IndexRecords, tmp_path: Path) -> None:
    """Credentials in URLs are neither recorded nor part of a record's key."""
    url = "https://user:secret@index.example/simple"
    records.remember_page(url, "demo", SimplePage(f"{url}/demo/", "text/html", b""))
    records.remember_metadata(f"{url}/demo.whl", b"Name: demo\n")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"secret" in path.read_bytes() or "secret" in str(path) for path in files)
    assert records.recall_page(INDEX, "demo") is not None


@pytest.mark.parametrize("keep", [0, 10, -1])
def test_damaged_records_count_as_none(keep: int, records: IndexRecords, tmp_path: Path) -> None:
    """A truncated record is ignored, and is removed together with other damaged records."""
    records.remember_page(INDEX, "demo", PAGE)
    (file,) = tmp_path.glob("pages/*")
    file.write_bytes(file.read_bytes()[:keep])
    assert records.recall_page(INDEX, "demo") is None
    assert records.remove_damaged() == 1
    assert not file.exists()


def test_a_changed_byte_is_damage(records: IndexRecords, tmp_path: Path) -> None:
    """A record with a changed byte is ignored, because its checksum does not match."""
    records.remember_page(INDEX, "demo", PAGE)
    (file,) = tmp_path.glob("pages/*")
    file.write_bytes(file.read_bytes().replace(b"href", b"hxef"))
    assert records.recall_page(INDEX, "demo") is None


def test_the_page_of_a_flat_index_goes_with_any_project(records: IndexRecords) -> None:
    """The page of a flat index is removed with any project, because it lists the files of all."""
    records.remember_page(INDEX, "", PAGE)
    records.remember_page(INDEX, "other", PAGE)
    assert records.clear(["demo"]) == 1  # type: ignore[list-item]
    assert records.recall_page(INDEX, "") is None
    assert records.recall_page(INDEX, "other") is not None


def test_clearing_one_project_leaves_the_others(records: IndexRecords) -> None:
    """Clearing one project removes its page and metadata, and keeps those of others."""
    for name in ("a", "b"):
        records.remember_page(INDEX, name, SimplePage(f"{INDEX}/{name}/", "text/html", b"page"))
        records.remember_metadata(f"sha256:{name}", f"Name: {name}\n".encode())
    project = canonicalize_name("a")
    assert records.urls_of([project]) == (f"{INDEX}/a/",)
    assert records.clear([project]) == 2
    assert records.recall_page(INDEX, "a") is None
    assert records.recall_metadata("sha256:a") is None
    assert records.recall_page(INDEX, "b") is not None
    assert records.recall_metadata("sha256:b") is not None
