"""A client for indexes in memory, which have real pages, metadata and wheels."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pytest_indexcache.errors import OfflineError
from pytest_indexcache.messages import JSON_V1, Headers
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.urls import local_path

PYPI = "https://pypi.org/simple"
NO_HEADERS = Headers()


@dataclass
class InMemoryIndexes(IndexClient):
    """Several indexes by URL; ``requests`` lists the last parts of the requested URLs.

    ``stored`` lists the metadata that the client was allowed to store in the HTTP cache.
    Fetched wheels are written to ``folder``. While ``offline`` is true, every request raises
    OfflineError.
    """

    folder: Path
    offline: bool = False
    headers: Headers = NO_HEADERS
    requests: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def add(
        self,
        project: str,
        version: str,
        requires: Sequence[str] = (),
        *,
        index: str = PYPI,
        tag: str = "py3-none-any",
        requires_python: str | None = None,
        yanked: str | bool = False,
        announced: bool = True,
        hashed: bool = True,
        metadata_name: str | None = None,
        extras: Sequence[str] = (),
        uploaded: str | None = None,
    ) -> None:
        """Publish a wheel; with ``announced``, its page offers core metadata (PEP 658)."""
        filename = f"{project.replace('-', '_')}-{version}-{tag}.whl"
        metadata = _metadata(metadata_name or project, version, requires, requires_python, extras)
        wheel = _wheel(project, version, metadata)
        url = f"{index}/files/{quote(filename)}"
        entry: dict[str, Any] = {"filename": filename, "url": url, "yanked": yanked, "hashes": {}}
        if hashed:
            entry["hashes"] = {"sha256": _sha256(wheel)}
        if uploaded is not None:
            entry["upload-time"] = uploaded
        if requires_python is not None:
            entry["requires-python"] = requires_python
        self.files[url] = wheel
        if announced:
            entry["core-metadata"] = {"sha256": _sha256(metadata)}
            self.files[f"{url}.metadata"] = metadata
        self.pages.setdefault(f"{index}/{project}/", []).append(entry)

    def get_page(
        self,
        url: str,
        index: IndexLocation | None,  # noqa: ARG002
        *,
        refresh: bool = False,  # noqa: ARG002
        upgrade: bool = False,  # noqa: ARG002
    ) -> SimplePage | None:
        """Return a page as JSON, or None for an unknown project."""
        self._note(f"page {'/'.join(url.split('/')[2:])}")
        entries = self.pages.get(url)
        if entries is None:
            return None
        body = {"meta": {"api-version": "1.1"}, "name": "", "files": entries}
        return SimplePage(url, JSON_V1, json.dumps(body).encode(), self.headers)

    def get_metadata(
        self,
        url: str,
        index: IndexLocation | None,  # noqa: ARG002
        *,
        store: bool = True,
        refresh: bool = False,  # noqa: ARG002
    ) -> bytes | None:
        """Return a METADATA file."""
        self._note(f"metadata {url.rpartition('/')[2]}")
        if store:
            self.stored.append(url.rpartition("/")[2])
        return self.files.get(url)

    def fetch(self, file: RemoteFile) -> Path:
        """Write a wheel into the folder, and return its path."""
        self._note(f"wheel {file.filename}")
        path = local_path(file.url) or self.folder / file.filename
        if file.url in self.files:
            path.write_bytes(self.files[file.url])
        return path

    def build(self, source: Path) -> Path:
        """Raise an error: a test that expects a build replaces this method."""
        raise AssertionError(f"a build of {source} was asked for")

    def _note(self, request: str) -> None:
        if self.offline:
            raise OfflineError(f"may not ask for {request}")
        self.requests.append(request)


def _metadata(
    project: str,
    version: str,
    requires: Sequence[str],
    requires_python: str | None,
    extras: Sequence[str],
) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {project}", f"Version: {version}"]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    lines.extend(f"Provides-Extra: {extra}" for extra in extras)
    lines.extend(f"Requires-Dist: {requirement}" for requirement in requires)
    return "\n".join([*lines, "", "A description.", ""]).encode()


def _wheel(project: str, version: str, metadata: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        name = f"{project.replace('-', '_')}-{version}.dist-info/METADATA"
        archive.writestr(zipfile.ZipInfo(name), metadata)
    return data.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
