"""Entries of files read from simple pages."""

from __future__ import annotations

import json

import pytest

from pytest_indexcache.drafts.captures.indexes.page_entries import read_page

URL = "https://index.example/simple/six/"
NAME = "six-1.0-py3-none-any.whl"


def test_html_page_is_read() -> None:
    """Links, hashes and attributes of PEP 503, PEP 592 and PEP 658 are read."""
    text = (
        '<meta name="pypi:repository-version" content="1.1">'
        f'<a href="../../f/{NAME}#sha256=ab" data-requires-python="&gt;=3" data-yanked="bad"'
        ' data-core-metadata="true">x</a><a href="readme.html">y</a>'
    )
    page = read_page(text.encode(), "text/html", URL)
    assert page is not None
    (entry,) = page.entries
    assert (page.is_json, page.api_version) == (False, "1.1")
    assert (entry.url, entry.href) == (f"https://index.example/f/{NAME}", f"../../f/{NAME}")
    assert (entry.hashes, entry.requires_python, entry.yanked) == ({"sha256": "ab"}, ">=3", "bad")
    assert entry.has_metadata


def test_json_page_is_read() -> None:
    """Files of PEP 691 and PEP 700 are read, and invalid entries are ignored."""
    file = {"filename": NAME, "url": NAME, "hashes": {"sha256": "ab"}, "size": 7, "yanked": False}
    data = {"meta": {"api-version": "1.1"}, "name": "six", "versions": [], "files": [file, 7, {}]}
    page = read_page(json.dumps(data).encode(), "application/vnd.pypi.simple.v1+json", URL)
    assert page is not None
    (entry,) = page.entries
    assert (entry.url, entry.size, entry.yanked) == (f"{URL}{NAME}", 7, None)
    assert page.tells_versions


@pytest.mark.parametrize(
    ("text", "media_type"),
    [(b"{", "application/vnd.pypi.simple.v1+json"), (b"[]", "x+json"), (b"wheel", "text/plain")],
)
def test_what_is_no_page_is_none(text: bytes, media_type: str) -> None:
    """A broken page, or a page of another type, is read as None, without an error."""
    assert read_page(text, media_type, URL) is None
