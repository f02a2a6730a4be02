"""The installer's records of answers from indexes: simple pages and core metadata.

The HTTP cache keeps responses as long as their headers allow. Records keep facts as long as the
installer needs them: which files an index listed, and the core metadata of a file. Because of the
records, ``--offline`` works after a successful run, whatever header fields the index sends.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.atomic_files import remove_tree
from pytest_indexcache.system.json_files import read_json, write_json
from pytest_indexcache.system.urls import without_credentials

Kind = Literal["pages", "metadata"]

_NAME_FIELD: Final = re.compile(rb"^Name:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class IndexRecords:
    """Keeps pages and metadata from indexes in a folder, from one run to the next.

    Each record is a file with its key and the CRC-32 of its body; a damaged record is treated as
    missing. Thread-safe; several processes may use the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember_page(self, index_url: str, project: str, page: SimplePage) -> None:
        """Record a simple page, or that the index does not have the project.

        An older record is replaced. ``project`` is normalized; it is empty for the one page of a
        flat index. This method is called after every answer from an index, so an unchanged page is
        not written again.
        """
        more = {"url": without_credentials(page.url), "content_type": page.content_type}
        self._remember("pages", _page_key(index_url, project), project, page.body, more)

    def recall_page(self, index_url: str, project: str) -> SimplePage | None:
        """Return the page that was recorded for a project on an index, or None if there is none."""
        record = self._recall("pages", _page_key(index_url, project))
        if record is None:
            return None
        return SimplePage(record["url"], record["content_type"], record["body"])

    def remember_metadata(self, key: str, metadata: bytes) -> None:
        """Record METADATA under a key, which consists of a hash, or of an index and a URL."""
        name = _NAME_FIELD.search(metadata)
        project = canonicalize_name(name[1].decode("utf-8", "replace")) if name else ""
        self._remember("metadata", without_credentials(key), project, metadata, {})

    def recall_metadata(self, key: str) -> bytes | None:
        """Return the METADATA that was recorded under a key, or None if there is none."""
        record = self._recall("metadata", without_credentials(key))
        return record["body"] if record else None

    def urls_of(self, projects: Collection[NormalizedName]) -> tuple[str, ...]:
        """Return the URLs of the recorded pages of these projects."""
        found = (record for _, record in self._all() if record and _concerns(record, projects))
        return tuple(record["url"] for record in found if "url" in record)

    def clear(self, projects: Collection[NormalizedName] = ()) -> int:
        """Remove the records of these projects, or of all projects; return how many were removed.

        The page of a flat index lists the files of many projects, so it is always removed.
        """
        doomed = [path for path, record in self._all() if _concerns(record, projects)]
        if not projects:
            remove_tree(self._folder / "pages")
            remove_tree(self._folder / "metadata")
        return _unlink(doomed)

    def remove_damaged(self) -> int:
        """Remove the records that cannot be read; return how many were removed."""
        return _unlink([path for path, record in self._all() if record is None])

    def _remember(
        self, kind: Kind, key: str, project: str, body: bytes | None, more: Mapping[str, str]
    ) -> None:
        # JSON has no bytes; latin-1 maps each byte to one character.
        text = None if body is None else body.decode("latin-1")
        crc = zlib.crc32(body or b"")
        record = {"key": key, "project": project, **more, "body": text, "crc": crc}
        path = self._path(kind, key)
        if read_json(path) != record:
            write_json(path, record)

    def _recall(self, kind: Kind, key: str) -> dict[str, Any] | None:
        record = _read(self._path(kind, key))
        return record if record and record["key"] == key else None

    def _all(self) -> Iterator[tuple[Path, dict[str, Any] | None]]:
        for kind in ("pages", "metadata"):
            for path in (self._folder / kind).glob("*.json"):
                yield path, _read(path)

    def _path(self, kind: Kind, key: str) -> Path:
        return self._folder / kind / f"{sha256(key.encode()).hexdigest()[:32]}.json"


def _page_key(index_url: str, project: str) -> str:
    return f"{without_credentials(index_url).rstrip('/')} {project}"


def _concerns(record: Mapping[str, Any] | None, projects: Collection[NormalizedName]) -> bool:
    return not projects or record is None or record["project"] in ("", *projects)


def _unlink(paths: Collection[Path]) -> int:
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def _read(path: Path) -> dict[str, Any] | None:
    """Read a record; return None if it is missing or damaged."""
    record = read_json(path)
    try:
        body = None if record["body"] is None else record["body"].encode("latin-1")
        is_whole = record["crc"] == zlib.crc32(body or b"") and {"key", "project"} <= record.keys()
    except (KeyError, AttributeError, UnicodeEncodeError):
        return None
    return {**record, "body": body} if is_whole else None
