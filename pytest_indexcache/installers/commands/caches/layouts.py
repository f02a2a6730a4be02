"""Find pages, metadata and wheels in the installers' caches.

The cache layouts are those of uv 0.3.5, 0.4.0, 0.5.31, 0.8.11 and 0.13.9, pip 20.3.4, 22.3.1, 23.0
and 26.3, poetry 1.8.5 and 2.4.3, and pdm 2.10.4, 2.13.0, 2.15.4, 2.20.1, 2.25.9 and 2.29.4. A cache
entry is matched by project if it contains the project's name, otherwise by URL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.installers.commands.caches.databases import URL_IN_MSGPACK, stored_urls
from pytest_indexcache.installers.contract.caches import (
    CachedEntry,
    CacheQuery,
    project_of,
    release_of,
)
from pytest_indexcache.system.json_files import read_json

_OF_RELEASES: Final = ("pypi", "index")
"""Folders in uv's cache that have one subfolder per project."""

_RECORDS: Final[Mapping[str, str]] = {"page": "pages", "metadata": "metadata"}
"""Maps each kind of record to its folder in the reference installer's cache."""

_URL_IN_JSON: Final = re.compile(rb'"url": "(https?://[^"]+)"')
_URL_IN_PARTS: Final = re.compile(
    rb"\xa3url\xd9.URL\(scheme=b'(\w{1,9})', host=b'([!-&(-~]{1,300})', "
    rb"port=(?:None|(\d{1,5})), target=b'([!-&(-~]{1,4000})'\)",
    re.DOTALL,
)
"""Matches the request URL in a response that pdm 2.13 stored."""

_RELEASE_IN_JSON: Final = re.compile(r'\{"name": "([^"]+)", "version": "([^"]+)"')


def uv_cache(cache: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the entries in uv's cache that match a query.

    Downloaded wheels are found through the records that uv keeps of them.
    """
    root = cache / "uv"
    if query.what == "page":
        for path in root.glob("simple-v*/**/*.rkyv"):
            if query.has(path.stem):
                yield _of_file(f"{path.parent.name}/{path.stem}", path.stem, path)
        for path in root.glob("flat-index-v*/*/*"):
            yield _of_file(f"flat/{path.stem}", None, path)
    elif query.what == "metadata":
        yield from _uv_metadata(root, query)
    elif query.what == "wheel":
        for path in root.glob("wheels-v*/**/*.http"):
            if query.has(path.parent.name):
                yield _of_file(_uv_wheel(path), path.parent.name, path)
        for pattern in ("sdists-v*/**/*.whl", "built-wheels-v*/**/*.whl"):
            yield from _of_filenames(root.glob(pattern), query)
    elif query.what == "unpacked":
        for folder in root.glob("archive-v*/*/*.dist-info"):
            project, _, version = folder.name.removesuffix(".dist-info").partition("-")
            if query.has(project):
                files = tuple(folder.parent.rglob("*"))
                yield CachedEntry(f"{project} {version}", canonicalize_name(project), files)


def _uv_metadata(root: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    for path in root.glob("wheels-v*/**/*.msgpack"):
        if query.has(path.parent.name):
            yield _of_file(release_of(_uv_wheel(path)), path.parent.name, path)
    for pattern in ("sdists-v*/**/metadata.msgpack", "built-wheels-v*/**/metadata.msgpack"):
        for path in root.glob(pattern):
            _, place, *parts = path.relative_to(root).parts
            # Other folders are named after the digest of a URL or a path.
            is_named = place in _OF_RELEASES and len(parts) >= 4
            project, version = parts[-4:-2] if is_named else (None, "/".join(parts[:-2]))
            if query.project is None or project == query.project:
                yield _of_file(" ".join(filter(None, (project, version))), project, path)


def _uv_wheel(path: Path) -> str:
    """Return the filename of the wheel that a record in uv's cache describes.

    Since uv 0.6, the filename of the record may lack the project name. The record's folder is then
    used, because it is named after the project.
    """
    project, stem = path.parent.name, path.stem
    is_whole = canonicalize_name(stem.partition("-")[0]) == project
    return f"{stem}.whl" if is_whole else f"{project.replace('-', '_')}-{stem}.whl"


def pip_cache(cache: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the entries in pip's cache that match a query: responses, and wheels that pip built."""
    for name in ("http", "http-v2"):
        yield from _cache_control(cache / "pip" / name, query)
    if query.what == "wheel":
        yield from _of_filenames((cache / "pip/wheels").rglob("*"), query)


def poetry_cache(cache: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the entries in Poetry's cache that match a query: responses, releases and artifacts."""
    root = cache / "pypoetry"
    for folder in root.glob("cache/repositories/*/_http*"):
        yield from _cache_control(folder, query)
    if query.what == "metadata":
        for path in root.glob("cache/repositories/*/??/**/*"):
            named = _RELEASE_IN_JSON.search(_head(path))
            if named and query.has(named[1]):
                yield _of_file(" ".join(named.groups()), canonicalize_name(named[1]), path)
    if query.what == "wheel":
        yield from _of_filenames((root / "artifacts").rglob("*"), query)


def pdm_cache(cache: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the entries in PDM's cache that match a query: responses, and wheels that PDM built.

    Depending on the release, PDM stores responses in files or in a database.
    """
    yield from _cache_control(cache / "pdm/http", query)
    yield from _with_url(cache / "pdm/http", query)
    for url in stored_urls(cache / "pdm/http/http-cache.db", query.urls):
        yield _of_url(url, query)
    if query.what == "wheel":
        yield from _of_filenames((cache / "pdm/wheels").rglob("*"), query)
    elif query.what == "unpacked":
        for folder in (cache / "pdm/packages").rglob("*.whl.cache"):
            wheel = folder.name.removesuffix(".cache")
            if query.has(project_of(wheel)):
                project, files = canonicalize_name(project_of(wheel)), tuple(folder.rglob("*"))
                yield CachedEntry(release_of(wheel), project, files)


def reference_cache(cache: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the entries in the reference installer's cache that match a query."""
    yield from _with_url(cache / "http", query)
    if query.what in _RECORDS:
        for path in (cache / "wheels" / _RECORDS[query.what]).glob("*.json"):
            record = read_json(path) if _is_plain(path) else {}
            project = str(record.get("project"))
            # The page of a flat index does not name a project, and lists the files of all projects.
            if record and (query.project is None or project in ("", query.project)):
                yield _of_file(_record_name(record), project or None, path)
    elif query.what == "wheel":
        yield from _of_filenames((cache / "wheels/files").rglob("*"), query)


def _record_name(record: Mapping[str, object]) -> str:
    """Return a name for the cache entry of a page or metadata record.

    The entry for a page gets the same name as the entry for the HTTP response with that page.
    """
    if "url" in record:
        return _page_name(str(record["url"]))
    version = re.search(r"^Version:[ \t]*(\S+)", str(record.get("body")), re.I | re.M)
    return " ".join((str(record.get("project")), version[1] if version else ""))


def _of_filenames(paths: Iterable[Path], query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield an entry for each path that is a wheel or sdist and matches the query."""
    for path in filter(query.has_file, paths):
        yield _of_file(path.name, project_of(path.name), path)


def _of_file(name: str, project: str | None, path: Path) -> CachedEntry:
    return CachedEntry(name, project and canonicalize_name(project), (path,))


def _of_url(url: str, query: CacheQuery, *files: Path) -> CachedEntry:
    """Return the cache entry for a response or file with this URL."""
    if query.what == "page":
        return CachedEntry(_page_name(url), query.urls[url], files)
    filename = urlsplit(url).path.rpartition("/")[2]
    if query.what == "metadata":
        filename = release_of(filename.removesuffix(".metadata"))
    return CachedEntry(filename, query.urls[url], files)


def _page_name(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _cache_control(root: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Find a query's URLs in a folder written by CacheControl, and yield the cached responses.

    If the headers and the body of a response are in separate files, only the body's file is
    yielded.
    """
    for url in query.urls:
        parts = urlsplit(url)
        key = f"{parts.scheme}://{parts.netloc.lower()}{parts.path or '/'}"
        key += f"?{parts.query}" if parts.query else ""
        digest = hashlib.sha224(key.encode()).hexdigest()
        path = root.joinpath(*digest[:5], digest)
        body = path.with_name(f"{digest}.body")
        if path.exists() or body.exists():
            yield _of_url(url, query, body if body.exists() else path)


def _with_url(root: Path, query: CacheQuery) -> Iterator[CachedEntry]:
    """Yield the cached responses for a query's URLs.

    The request URL of a response is read from its file, where it is stored as JSON or as
    MessagePack.
    """
    for path in root.rglob("*") if query.urls else ():
        url = _request_url(path.read_bytes()) if _is_plain(path) else None
        if url in query.urls:
            yield _of_url(str(url), query, path)


def _request_url(content: bytes) -> str | None:
    """Return the request URL in a cached response, ignoring any URLs in the response's body."""
    found = URL_IN_MSGPACK.findall(content)
    if found:
        return str(found[-1], "ascii")  # the response comes first
    in_parts = _URL_IN_PARTS.findall(content)
    if in_parts:
        scheme, host, port, target = (str(part, "ascii") for part in in_parts[-1])
        return f"{scheme}://{host}{port and f':{port}'}{target}"
    first = _URL_IN_JSON.search(content)
    return str(first[1], "utf-8", "replace") if first else None


def _head(path: Path) -> str:
    """Return the beginning of a file, or an empty string if it is not a regular file."""
    if not _is_plain(path):
        return ""
    with path.open("rb") as file:
        return file.read(400).decode("utf-8", errors="replace")


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
