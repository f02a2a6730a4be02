"""PDM's database of responses: its entries, and protection from a hostile database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pytest_indexcache.installers.commands.caches.databases import stored_urls

IDNA, SIX = "https://pypi.org/simple/idna/", "https://pypi.org/simple/six/"
ENTRIES = "CREATE TABLE entries (id BLOB, data BLOB, deleted_at REAL)"


def head(url: str) -> bytes:
    """Return the bytes of a cache entry, with the URL of its request."""
    return b"\x85\xa7request\x84\xa3url" + bytes([0xA0 + len(url)]) + url.encode() + b"\xa7headers"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a database with SQL statements."""

    def make(*statements: tuple[str, tuple[object, ...]]) -> Path:
        path = tmp_path / "http-cache.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement, values in statements:
                connection.execute(statement, values)
        return path

    return make


def insert(data: object, deleted_at: float | None = None) -> tuple[str, tuple[object, ...]]:
    """Return the SQL statement that stores an entry."""
    return "INSERT INTO entries VALUES (NULL, ?, ?)", (data, deleted_at)


def test_urls_of_entries_are_found(make: Callable[..., Path]) -> None:
    """An entry is found by the URL of its request, unless it was deleted."""
    path = make((ENTRIES, ()), insert(head(IDNA)), insert(head(SIX), 1.0), insert("text"))
    assert [*stored_urls(path, [IDNA, SIX])] == [IDNA]
    assert [*stored_urls(path, [SIX])] == []


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_file_that_is_no_database_has_no_entries(content: bytes, tmp_path: Path) -> None:
    """A damaged or missing database counts as empty."""
    path = tmp_path / "http-cache.db"
    assert [*stored_urls(path, [IDNA])] == []
    path.write_bytes(content)
    assert [*stored_urls(path, [IDNA])] == []


def test_link_is_not_followed(make: Callable[..., Path], tmp_path: Path) -> None:
    """If the path of the database is a symlink, the link is not followed."""
    link = tmp_path / "link.db"
    link.symlink_to(make((ENTRIES, ()), insert(head(IDNA))))
    assert [*stored_urls(link, [IDNA])] == []


@pytest.mark.parametrize(
    "view",
    [
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT x AS data, NULL AS deleted_at FROM n",
        "SELECT zeroblob(1000000000) AS data, NULL AS deleted_at",
        "SELECT name AS data, NULL AS deleted_at FROM sqlite_master",
    ],
)
def test_view_in_the_place_of_the_table_is_not_evaluated(
    view: str, make: Callable[..., Path]
) -> None:
    """A view with the name of the table is not evaluated, so that a database cannot run code."""
    path = make((f"CREATE VIEW entries AS {view}", ()))
    assert [*stored_urls(path, [IDNA])] == []


def test_value_that_is_too_long_is_not_read(make: Callable[..., Path]) -> None:
    """A huge value in the database is not read into memory."""
    table = (
        "CREATE TABLE entries (id BLOB, deleted_at REAL, "
        "data BLOB AS (zeroblob(900000000)) VIRTUAL)"
    )
    path = make((table, ()), ("INSERT INTO entries VALUES (NULL, NULL)", ()))
    assert [*stored_urls(path, [IDNA])] == []
