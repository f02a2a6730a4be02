"""The search for a project's entries in the caches of installers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_indexcache.installers.commands.caches.layouts import (
    pdm_cache,
    pip_cache,
    poetry_cache,
    reference_cache,
    uv_cache,
)
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.words.simple_page import SimplePage

CacheLayout = Callable[[Path, CacheQuery], Iterator[CachedEntry]]
PAGE = "https://pypi.org/simple/idna/"
HASH = "8b24226e2da88df4abeee0d8ca6bce79b19ca2bcd5f94b543939c66c"
FOLDERS = "8/b/2/4/2"
"""The folders in which CacheControl stores the page, named after the SHA-224 of its URL."""


@pytest.mark.parametrize(
    ("layout", "what", "found", "others"),
    [
        (uv_cache, "page", ["uv/simple-v28/pypi/idna.rkyv"], ["uv/simple-v28/pypi/six.rkyv"]),
        (
            uv_cache,
            "metadata",
            [
                "uv/wheels-v1/pypi/idna/idna-3.11-py3-none-any.msgpack",
                "uv/built-wheels-v3/pypi/idna/3.11/x/metadata.msgpack",
            ],
            ["uv/wheels-v8/pypi/idna/3.11-py3-none-any.http"],
        ),
        (
            uv_cache,
            "wheel",
            [
                "uv/wheels-v8/index/8ae2/idna/3.11-py3-none-any.http",
                "uv/sdists-v11/pypi/idna/3.11/x/idna-3.11-py3-none-any.whl",
            ],
            ["uv/wheels-v8/pypi/six/1.17.0-py3-none-any.http"],
        ),
        (
            uv_cache,
            "unpacked",
            ["uv/archive-v0/x/idna-3.11.dist-info/METADATA", "uv/archive-v0/x/idna.py"],
            ["uv/archive-v0/y/six-1.17.0.dist-info/METADATA", "uv/archive-v0/y/six.py"],
        ),
        (pip_cache, "page", [f"pip/http/{FOLDERS}/{HASH}"], [f"pip/http/0/b/2/4/2/0{HASH[1:]}"]),
        (
            pip_cache,
            "page",
            [f"pip/http-v2/{FOLDERS}/{HASH}.body"],
            [f"pip/http-v2/{FOLDERS}/{HASH}"],
        ),
        (
            pip_cache,
            "wheel",
            ["pip/wheels/f5/09/idna-3.11-py3-none-any.whl"],
            ["pip/wheels/f5/09/six-1.17.0-py3-none-any.whl"],
        ),
        (
            poetry_cache,
            "page",
            [f"pypoetry/cache/repositories/PyPI/_http_/{FOLDERS}/{HASH}.body"],
            [f"pypoetry/cache/repositories/PyPI/_http_/{FOLDERS}/{HASH}"],
        ),
        (
            poetry_cache,
            "wheel",
            ["pypoetry/artifacts/32/c8/idna-3.11-py3-none-any.whl"],
            ["pypoetry/artifacts/32/c8/my-idna-3.11.tar.gz"],
        ),
        (
            uv_cache,
            "metadata",
            ["uv/sdists-v11/index/8ae2/idna/3.11/x/metadata.msgpack"],
            ["uv/sdists-v11/editable/9f/x/metadata.msgpack"],
        ),
        (pdm_cache, "page", [f"pdm/http/{FOLDERS}/{HASH}.body"], ["pdm/http/410d"]),
        (
            pdm_cache,
            "unpacked",
            ["pdm/packages/f3/idna-3.11-py3-none-any.whl.cache/idna.py"],
            ["pdm/packages/20/six-1.17.0-py3-none-any.whl.cache/six.py"],
        ),
        (
            poetry_cache,
            "page",
            [f"pypoetry/cache/repositories/PyPI/_http/{FOLDERS}/{HASH}"],
            [f"pypoetry/cache/repositories/PyPI/_http/{FOLDERS}/{HASH}.lock"],
        ),
        (pdm_cache, "wheel", ["pdm/wheels/ed/idna-3.11-py3-none-any.whl"], ["pdm/hashes/31/b1"]),
        (
            reference_cache,
            "wheel",
            ["wheels/files/2/idna-3.11.tar.gz"],
            ["wheels/files/8/six-1"],
        ),
    ],
)
def test_entries_of_a_project_are_found_and_no_others(
    layout: CacheLayout, what: str, found: list[str], others: list[str], tmp_path: Path
) -> None:
    """Only cache entries of the requested project are found."""
    for name in (*found, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    query = CacheQuery(what, "idna", {PAGE: "idna"})
    files = {path for it in layout(tmp_path, query) for path in it.files if path.is_file()}
    assert {path.relative_to(tmp_path).as_posix() for path in files} == set(found)
    assert not {*layout(tmp_path / "nowhere", query)}


@pytest.mark.parametrize(
    ("layout", "what", "name", "text"),
    [
        (
            pdm_cache,
            "page",
            "pdm/http/410d",
            '{"request": {"url": "https://pypi.org/simple/idna/"}}',
        ),
        (
            poetry_cache,
            "metadata",
            "pypoetry/cache/repositories/PyPI/cf/98/cf98",
            '9999999999{"name": "idna", "version": "3.11"}',
        ),
        (
            reference_cache,
            "page",
            "http/responses-3/22/1b",
            '1c {"url": "https://pypi.org/simple/idna/"}',
        ),
    ],
)
def test_entry_is_found_by_the_url_or_the_project_inside(
    layout: CacheLayout, what: str, name: str, text: str, tmp_path: Path
) -> None:
    """An entry whose file name is a hash is found by the URL or project in its contents."""
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.with_name("other").write_text(text.replace("idna", "idna-more"))
    query = CacheQuery(what, "idna", {PAGE: "idna"})
    assert [entry.files for entry in layout(tmp_path, query)] == [(file,)]


@pytest.mark.parametrize("what", ["page", "metadata"])
@pytest.mark.parametrize(("project", "count"), [("idna", 1), (None, 2)])
def test_records_of_the_reference_installer_are_found(
    what: str, project: str | None, count: int, tmp_path: Path
) -> None:
    """Records of the reference installer are found by the project name in their contents."""
    records = IndexRecords(tmp_path / "wheels")
    for name in ("idna", "six"):
        url = f"https://pypi.org/simple/{name}/"
        page = SimplePage(url, "text/html", b"<html></html>")
        records.remember_page("https://pypi.org/simple", name, page)
        records.remember_metadata(f"{url}{'x' * 500}", f"Name: {name}\n".encode())
    found = [*reference_cache(tmp_path, CacheQuery(what, project, {}))]
    assert len(found) == count
    for path in (path for entry in found for path in entry.files):
        path.write_bytes(b"\0")
    assert records.remove_damaged() == count
    is_left = {
        "page": records.recall_page("https://pypi.org/simple", "idna"),
        "metadata": records.recall_metadata(f"{PAGE}{'x' * 500}"),
    }
    assert is_left[what] is None


def test_page_of_a_flat_index_is_found_for_every_project(tmp_path: Path) -> None:
    """The cached page of a flat index is found for every project."""
    page = SimplePage("https://host/flat", "text/html", b"<html></html>")
    IndexRecords(tmp_path / "wheels").remember_page("https://host/flat", "", page)
    assert len([*reference_cache(tmp_path, CacheQuery("page", "idna", {}))]) == 1


_MESSAGE = b"\xa3url\xbdhttps://pypi.org/simple/idna/\xa7headers\x80"
_IN_PARTS = (
    b"\xa3url\xd9JURL(scheme=b'https', host=b'pypi.org', port=None, target=b'/simple/idna/')\xa7"
)


@pytest.mark.parametrize("request_", [_MESSAGE, _IN_PARTS])
@pytest.mark.parametrize("body", [b"", b'{"url": "https://pypi.org/simple/six/"}'])
def test_response_in_messagepack_is_of_the_url_of_its_request(
    body: bytes, request_: bytes, tmp_path: Path
) -> None:
    """A cached MessagePack response is found by the URL of its request, not by its body."""
    file = tmp_path / "pdm/http/410d"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xa8response" + body + request_)
    six = "https://pypi.org/simple/six/"
    query = CacheQuery("page", None, {PAGE: "idna", six: "six"})
    assert [*pdm_cache(tmp_path, query)] == [
        CachedEntry("pypi.org/simple/idna/", "idna", (file,)),
    ]


@pytest.mark.parametrize(
    ("layout", "what", "path", "name"),
    [
        (uv_cache, "page", "uv/simple-v28/pypi/idna.rkyv", "pypi/idna"),
        (uv_cache, "page", "uv/flat-index-v7/html/2223.msgpack", "flat/2223"),
        (
            uv_cache,
            "wheel",
            "uv/wheels-v8/pypi/my-idna/3.11-py3-none-any.http",
            "my_idna-3.11-py3-none-any.whl",
        ),
        (
            uv_cache,
            "wheel",
            "uv/wheels-v1/pypi/my-idna/my_idna-3.11-py3-none-any.http",
            "my_idna-3.11-py3-none-any.whl",
        ),
        (uv_cache, "metadata", "uv/wheels-v8/pypi/idna/3.11-py3-none-any.msgpack", "idna 3.11"),
        (uv_cache, "metadata", "uv/sdists-v11/pypi/idna/3.11/x/metadata.msgpack", "idna 3.11"),
        (uv_cache, "unpacked", "uv/archive-v0/x/idna-3.11.dist-info/METADATA", "idna 3.11"),
        (pip_cache, "wheel", "pip/wheels/f5/idna-3.11.tar.gz", "idna-3.11.tar.gz"),
    ],
)
def test_entry_has_the_same_name_whatever_the_layout(
    layout: CacheLayout, what: str, path: str, name: str, tmp_path: Path
) -> None:
    """Entry names are filenames for wheels, and releases for metadata and unpacked wheels."""
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.touch()
    assert [entry.name for entry in layout(tmp_path, CacheQuery(what, None, {}))] == [name]


@pytest.mark.parametrize("layout", [pip_cache, pdm_cache, poetry_cache, reference_cache])
def test_responses_are_named_by_what_came_from_their_url(
    layout: CacheLayout, tmp_path: Path
) -> None:
    """Cached pages are named by URL, cached metadata by release, and cached wheels by file name."""
    urls = {
        "page": ("https://pypi.org/simple/idna/", "pypi.org/simple/idna/"),
        "metadata": ("https://pypi.org/f/idna-3.11-py3-none-any.whl.metadata", "idna 3.11"),
        "wheel": ("https://pypi.org/f/idna-3.11-py3-none-any.whl", "idna-3.11-py3-none-any.whl"),
    }
    for kind, (url, name) in urls.items():
        root = tmp_path / kind
        digest = hashlib.sha224(url.encode()).hexdigest()
        places = ("pip/http", "pdm/http", "pypoetry/cache/repositories/PyPI/_http")
        for place in places:
            response = root.joinpath(place, *digest[:5], digest)
            response.parent.mkdir(parents=True)
            response.touch()
        own = root / "http/responses-3/22/1b"
        own.parent.mkdir(parents=True)
        own.write_text(f'1c {{"url": "{url}"}}')
        found = [*layout(root, CacheQuery(kind, None, {url: "idna"}))]
        assert [(entry.name, entry.project) for entry in found] == [(name, "idna")]
