"""What the installer learnt of indexes, in files: simple pages and core metadata, one a file.

The HTTP cache holds responses for as long as their headers allow. Records hold facts for as long as
the installer cares: which files an index had, and what the core metadata of a file says. They make
``--offline`` work after a run that succeeded, whatever the headers were.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.atomic_files import remove_tree, write_atomically
from pytest_indexcache.system.urls import without_credentials

_NAME_FIELD = re.compile(rb"^Name:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class IndexRecords:
    """Keeps what was learnt of indexes below a folder, from one run to the next.

    A record is a line of JSON with the length and the CRC-32 of the body that follows it; one that
    is damaged counts as none. Safe for threads and for several processes.
    """

    def __init__(self, folder: Path) -> None:
        self._pages = folder / "pages"
        self._metadata = folder / "metadata"

    def remember_page(self, index_url: str, project: str, page: SimplePage) -> None:
        """Keep a simple page, or that the index has no such project, in place of an older one.

        ``project`` is normalised, and empty for the one page of a flat index. A page that is kept
        already costs no write, as this is called after every answer of an index.
        """
        head = {
            "index": without_credentials(index_url),
            "project": project,
            "url": without_credentials(page.url),
            "content_type": page.content_type,
            "absent": page.body is None,
        }
        _write(self._page_path(index_url, project), head, page.body or b"")

    def recall_page(self, index_url: str, project: str) -> SimplePage | None:
        """Return the page that was kept last of an index's project, None if there was none."""
        found = _read(self._page_path(index_url, project))
        if found is None:
            return None
        head, body = found
        return SimplePage(head["url"], head["content_type"], None if head["absent"] else body)

    def remember_metadata(self, key: str, metadata: bytes) -> None:
        """Keep a METADATA file; ``key`` tells by what it is believed."""
        name = _NAME_FIELD.search(metadata)
        project = canonicalize_name(name[1].decode("utf-8", "replace")) if name else ""
        _write(
            self._metadata_path(key),
            {"key": without_credentials(key), "project": project},
            metadata,
        )

    def recall_metadata(self, key: str) -> bytes | None:
        """Return the METADATA that was kept under the key, and under no other."""
        found = _read(self._metadata_path(key))
        return found[1] if found and found[0].get("key") == without_credentials(key) else None

    def urls_of(self, projects: Collection[NormalizedName]) -> tuple[str, ...]:
        """List the URLs of the pages of these projects."""
        heads = (head for _, head in self._all() if head and "url" in head)
        return tuple(head["url"] for head in heads if _concerns(head, projects))

    def clear(self, projects: Collection[NormalizedName] = ()) -> int:
        """Forget these projects, or all if none is named; return how many records went.

        The page of a flat index lists files of many projects: it goes with any of them.
        """
        doomed = [path for path, head in self._all() if _concerns(head, projects)]
        if not projects:
            remove_tree(self._pages)
            remove_tree(self._metadata)
        for path in doomed:
            path.unlink(missing_ok=True)
        return len(doomed)

    def remove_damaged(self) -> int:
        """Remove the records that cannot be read; return how many."""
        damaged = [path for path, head in self._all() if head is None]
        for path in damaged:
            path.unlink(missing_ok=True)
        return len(damaged)

    def _all(self) -> Iterator[tuple[Path, Mapping[str, Any] | None]]:
        for path in (*self._pages.glob("*.page"), *self._metadata.glob("*.metadata")):
            found = _read(path)
            yield path, found[0] if found else None

    def _page_path(self, index_url: str, project: str) -> Path:
        key = f"{without_credentials(index_url).rstrip('/')} {project}"
        return self._pages / f"{_digest(key)}.page"

    def _metadata_path(self, key: str) -> Path:
        return self._metadata / f"{_digest(without_credentials(key))}.metadata"


def _concerns(head: Mapping[str, Any] | None, projects: Collection[NormalizedName]) -> bool:
    return not projects or head is None or head["project"] in projects or head["project"] == ""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _write(path: Path, head: Mapping[str, Any], body: bytes) -> None:
    line = json.dumps({**head, "length": len(body), "crc": zlib.crc32(body)}).encode() + b"\n"
    with suppress(OSError):
        if path.read_bytes() == line + body:
            return
    write_atomically(path, line, body)


def _read(path: Path) -> tuple[Mapping[str, Any], bytes] | None:
    try:
        line, _, body = path.read_bytes().partition(b"\n")
        head = loads_json(line)
        is_whole = head["length"] == len(body) and head["crc"] == zlib.crc32(body)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (head, body) if is_whole else None
