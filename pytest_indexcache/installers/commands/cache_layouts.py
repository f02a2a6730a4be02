"""Where installers keep pages, metadata and wheels in their caches, as far as that was seen.

Caches of uv 0.4.0, 0.8.11 and 0.13.9, pip 23.0 and 26.3, poetry 2.4.1, and pdm 2.20.0 and 2.25.9
were looked at. An entry is found by the name of its project where it has one, else by its URL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pytest_indexcache.installers.contract.caches import CacheQuery
from pytest_indexcache.system.json_files import read_json

_UV: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("simple-v*/**/{}.rkyv",),
    "metadata": (
        "wheels-v*/**/{}/*.msgpack",
        "sdists-v*/**/{}/**/metadata.msgpack",
        "built-wheels-v*/**/{}/**/metadata.msgpack",
    ),
    "wheel": (
        "wheels-v*/**/{}/*.http",
        "sdists-v*/**/{}/**/*.whl",
        "built-wheels-v*/**/{}/**/*.whl",
    ),
}

_RECORDS: Final[Mapping[str, str]] = {"page": "pages", "metadata": "metadata"}
"""The folders in which the reference installer has records."""


def uv_cache(cache: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files of uv's cache; of a wheel that was downloaded, the record that leads to it."""
    root = cache / "uv"
    for pattern in _UV.get(query.what, ()):
        yield from root.glob(pattern.format(query.project or "*"))
    if query.what == "unpacked":
        for folder in root.glob("archive-v*/*/*.dist-info"):
            if query.has(folder.name.partition("-")[0]):
                yield from folder.parent.rglob("*")


def pip_cache(cache: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files of pip's cache: responses, and wheels that it built."""
    for name in ("http", "http-v2"):
        yield from _cache_control(cache / "pip" / name, query)
    if query.what == "wheel":
        yield from filter(query.has_file, (cache / "pip/wheels").rglob("*"))


def poetry_cache(cache: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files of Poetry's cache: responses, what it read of releases, and artifacts."""
    root = cache / "pypoetry"
    for folder in root.glob("cache/repositories/*/_http_"):
        yield from _cache_control(folder, query)
    if query.what == "metadata":
        for path in root.glob("cache/repositories/*/??/**/*"):
            named = f'{{"name": "{query.project}"' if query.project else '{"name": '
            if named in _head(path):
                yield path
    if query.what == "wheel":
        yield from filter(query.has_file, (root / "artifacts").rglob("*"))


def pdm_cache(cache: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files of PDM's cache: responses, and wheels that it built."""
    yield from _with_url(cache / "pdm/http", query)
    if query.what == "wheel":
        yield from filter(query.has_file, (cache / "pdm/wheels").rglob("*"))


def reference_cache(cache: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files of the reference installer's cache: responses, records, and whole files."""
    yield from _with_url(cache / "http", query)
    if query.what in _RECORDS:
        for path in (cache / "wheels" / _RECORDS[query.what]).glob("*.json"):
            # The page of a flat index is of no project by name, and tells of all.
            if _is_plain(path) and (
                query.project is None or read_json(path).get("project") in ("", query.project)
            ):
                yield path
    elif query.what == "wheel":
        yield from filter(query.has_file, (cache / "wheels/files").rglob("*"))


def _cache_control(root: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield responses that the library CacheControl stored: the body alone, where it is apart."""
    for url in query.urls:
        parts = urlsplit(url)
        key = f"{parts.scheme}://{parts.netloc.lower()}{parts.path or '/'}"
        key += f"?{parts.query}" if parts.query else ""
        digest = hashlib.sha224(key.encode()).hexdigest()
        path = root.joinpath(*digest[:5], digest)
        body = path.with_name(f"{digest}.body")
        yield from [body] if body.exists() else [path] if path.exists() else []


def _with_url(root: Path, query: CacheQuery) -> Iterator[Path]:
    """Yield files that name one of the URLs between quotes."""
    names = [f'"{url}"'.encode() for url in query.urls]
    for path in root.rglob("*") if names else ():
        if _is_plain(path):
            content = path.read_bytes()
            if any(name in content for name in names):
                yield path


def _head(path: Path) -> str:
    """Return how a file begins; nothing of what is no plain file."""
    if not _is_plain(path):
        return ""
    with path.open("rb") as file:
        return file.read(400).decode("utf-8", errors="replace")


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
