"""Read the SQLite database in which hishel, used by PDM from 2.26 on, stores HTTP responses.

The database was written by a process in the play, so it is not trusted: it is opened read-only, and
a single query reads one table, with limits on the number of SQLite's instructions and on the size
of values.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

_STORED: Final = "SELECT data FROM main.entries WHERE deleted_at IS NULL"
_MAY: Final = {
    sqlite3.SQLITE_SELECT: ("",),
    sqlite3.SQLITE_READ: ("entries",),
}
"""The SQLite actions that the query may perform, mapped to the tables on which they are allowed."""

_STEPS: Final = 100_000
_MOST_CALLS: Final = 1000
_LONGEST: Final = 1 << 20
"""The maximum size, in bytes, of a value that SQLite may return."""

URL_IN_MSGPACK: Final = re.compile(
    rb"\xa3url(?:[\xa0-\xbf]|\xd9.|\xda..)(https?://[!-~]+)\xa7headers", re.DOTALL
)
"""Matches the request URL in a response that hishel stored as MessagePack."""


def stored_urls(database: Path, urls: Collection[str]) -> Iterator[str]:
    """Yield each of the ``urls`` for which the database contains a response.

    Nothing is yielded if the database is not valid.
    """
    if not urls or database.is_symlink() or not database.is_file():
        return
    try:
        found = _stored(database)
    except sqlite3.Error:
        return
    yield from sorted(found & set(urls))


def _stored(database: Path) -> set[str]:
    uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_authorizer(_authorize)
        calls = iter(range(_MOST_CALLS))
        connection.set_progress_handler(lambda: next(calls, None) is None, _STEPS)
        rows = connection.execute(_STORED)
        matches = (URL_IN_MSGPACK.search(data) for (data,) in rows if isinstance(data, bytes))
        return {str(match[1], "ascii") for match in matches if match}


def _authorize(action: int, table: str | None, *_: object) -> int:
    is_allowed = (table or "") in _MAY.get(action, ())
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
