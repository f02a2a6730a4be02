"""The store of plays, an SQLite file, which lets an interrupted matrix continue.

Many processes may write to the store at once. Each play is written in its own transaction, so that
a killed process leaves only complete plays.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import StoreError
from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord

WAIT_SECONDS: Final = 30.0
"""The seconds for which a writer waits for other writers."""

APPLICATION: Final = 0x69786331
"""The ``application_id`` that identifies an SQLite file as a store."""

FORMAT: Final = 1
"""The ``user_version`` of a store: the version of the tables below."""

_TABLES: Final = """
    CREATE TABLE plays (
        digest TEXT NOT NULL,
        installer TEXT NOT NULL,
        transport TEXT NOT NULL,
        platform TEXT NOT NULL,
        python TEXT NOT NULL,
        harness TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (digest, installer, transport, platform, python)
    ) WITHOUT ROWID
"""

_HINTS: Final = {
    sqlite3.SQLITE_NOTADB: "name another file (--store), or remove this one",
    sqlite3.SQLITE_CORRUPT: "remove it, and its plays are played again",
    sqlite3.SQLITE_FULL: "free disk space, or name a file on another one (--store)",
    sqlite3.SQLITE_BUSY: "another process has been writing into it: try again, or end that one",
}
_HINT: Final = "make the file and its folder writable, or name another file (--store)"


@dataclass(frozen=True)
class PlayKey:
    """The key of a play: the scenario's digest, an exact installer spec, and a transport."""

    digest: str
    installer: str
    transport: str


_UNUSABLE: Final = """
    CREATE TABLE IF NOT EXISTS unusable (
        installer TEXT NOT NULL,
        asked_python TEXT NOT NULL,
        platform TEXT NOT NULL,
        python TEXT NOT NULL,
        harness TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (installer, asked_python, platform, python)
    ) WITHOUT ROWID
"""
"""The table of releases that cannot be provisioned or started.

``asked_python`` is the Python that the scenario requests, or empty.
"""


class Store:
    """A context manager that reads and writes the plays under the given circumstances.

    Plays by a different version of this package are not returned, and are overwritten.

    :raises StoreError: by every method, if the file cannot be read or written or is not a store
    """

    def __init__(self, file: Path, circumstances: Circumstances) -> None:
        self.file = file
        self._circumstances = circumstances
        with self._using():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(file, f"its folder cannot be created: {error}", _HINT) from error
            self._connection = sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        with self._using(), self._writing():
            if self._pragma("application_id") == 0 and not self._tables():
                self._connection.execute(_TABLES)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {FORMAT}")
            if self._is_ours() and self._pragma("user_version") == FORMAT:
                self._connection.execute(_UNUSABLE)
        if not self._is_ours():
            raise StoreError(
                self.file,
                "this SQLite file is not a store",
                _HINTS[sqlite3.SQLITE_NOTADB],
            )
        if (found := self._pragma("user_version")) != FORMAT:
            raise StoreError(
                self.file,
                f"another version of this package wrote it: it has format {found}, not {FORMAT}",
                _HINTS[sqlite3.SQLITE_NOTADB],
            )

    def recall(self, key: PlayKey) -> PlayRecord | None:
        """Return the stored record of a play, or None if there is none.

        The verdict is returned as it was stored; the current ``[affected]`` table is not used.
        """
        where = self._circumstances
        with self._using():
            found = self._connection.execute(
                "SELECT record FROM plays WHERE digest = ? AND installer = ? AND transport = ?"
                " AND platform = ? AND python = ? AND harness = ?",
                (*_values(key), where.platform, where.python, where.harness),
            ).fetchone()
        if found is None:
            return None
        try:
            return PlayRecord.from_json(loads_json(found[0]))
        except (ValueError, KeyError, TypeError):
            return None  # another program wrote into the file: play again

    def keep(self, key: PlayKey, record: PlayRecord) -> None:
        """Store the record of a play."""
        where = record.circumstances
        text = json.dumps(record.to_json())
        with self._using(), self._writing():
            self._connection.execute(
                "INSERT OR REPLACE INTO plays VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*_values(key), where.platform, where.python, where.harness, text),
            )

    def recall_unusable(self, installer: str, asked_python: str, since: str) -> str | None:
        """Return why a release could not be started, if this was recorded since a given time.

        ``since`` is in UTC (ISO 8601). ``asked_python`` is the Python that the scenario requests,
        or empty.
        """
        where = self._circumstances
        with self._using():
            found = self._connection.execute(
                "SELECT reason FROM unusable WHERE installer = ? AND asked_python = ?"
                " AND platform = ? AND python = ? AND harness = ? AND seen_at >= ?",
                (installer, asked_python, where.platform, where.python, where.harness, since),
            ).fetchone()
        return None if found is None else str(found[0])

    def keep_unusable(self, installer: str, asked_python: str, reason: str, seen_at: str) -> None:
        """Store the reason why a release cannot be provisioned or started with a Python version."""
        where = self._circumstances
        row = (installer, asked_python, where.platform, where.python, where.harness, seen_at)
        with self._using(), self._writing():
            self._connection.execute(
                "INSERT OR REPLACE INTO unusable VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, reason)
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _is_ours(self) -> bool:
        return self._pragma("application_id") == APPLICATION

    def _pragma(self, name: str) -> int:
        with self._using(), closing(self._connection.execute(f"PRAGMA {name}")) as cursor:
            value: int = cursor.fetchone()[0]
            return value

    def _tables(self) -> bool:
        found = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return bool(found[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Write within a transaction, after waiting for other writers."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _using(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise StoreError(self.file, str(error), _HINTS.get(code, _HINT)) from error


def stored_records(file: Path) -> list[PlayRecord]:
    """Return all plays in a store, including those by other versions of this package.

    Nothing is written, and no store is created.

    :raises StoreError: if the file is missing, cannot be read or is not a store
    """
    if not file.is_file():
        raise StoreError(file, "it does not exist", "name the file of a store (--store)")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            if opened.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                raise StoreError(file, "this SQLite file is not a store", _HINT)
            if opened.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                raise StoreError(file, "another version of this package wrote it", _HINT)
            rows = opened.execute("SELECT record FROM plays").fetchall()
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise StoreError(file, str(error), _HINTS.get(code, _HINT)) from error
    found = []
    for (text,) in rows:
        with suppress(ValueError, KeyError, TypeError):  # somebody wrote into the file
            found.append(PlayRecord.from_json(loads_json(text)))
    return found


def _values(key: PlayKey) -> tuple[str, str, str]:
    return key.digest, key.installer, key.transport
