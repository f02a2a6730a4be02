"""Indexes recognised by the URLs of their pages and files."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.words.index_urls import (
    index_of_file,
    index_of_page,
    parent_of_page,
    server_like,
)

FILE = "foo-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("url", "index", "server"),
    [
        (
            "https://a.example/artifactory/api/pypi/all/packages/packages/ab/",
            "/simple",
            "artifactory",
        ),
        ("https://a.example/artifactory/api/pypi/all/foo/1.0/", "/simple", "artifactory"),
        ("https://a.example/repository/group/packages/foo/1.0/", "/simple", "nexus"),
        ("https://a.example/api/v4/projects/7/packages/pypi/files/ab12/", "/simple", "gitlab"),
        ("https://a.example/org/_packaging/feed/pypi/download/foo/1/", "/simple", "azure"),
        (
            "https://d-1.d.codeartifact.eu-1.amazonaws.com/pypi/all/simple/foo/1.0/",
            "/simple",
            "codeartifact",
        ),
        ("https://a.example/root/dev/+f/ab/cdef/", "/+simple", "devpi"),
        ("https://a.example/packages/", "/simple", ""),
        ("https://a.example/somewhere/else/", "/simple", ""),
    ],
)
def test_index_of_a_file_is_known_by_the_form_of_its_url(url: str, index: str, server: str) -> None:
    """The URL of a file reveals the URL of its index, and the server that uses such URLs."""
    found = index_of_file(f"{url}{FILE}")
    assert found.endswith(index)
    assert url.startswith(found.removesuffix(index))
    assert server_like(found) == server


@pytest.mark.parametrize(
    ("url", "page", "parent"),
    [
        ("https://a.example/simple/foo/", "https://a.example/simple", "https://a.example/simple"),
        ("https://a.example/team/foo/", "", "https://a.example/team"),
        ("https://download.pytorch.org/whl/cpu/foo/", "https://download.pytorch.org/whl/cpu", None),
        (f"https://a.example/simple/foo/{FILE}", "", ""),
        ("https://a.example/simple/foo", "", ""),
        ("https://a.example/", "", ""),
        ("https://a.example/simple/no name/", "", ""),
    ],
)
def test_index_of_a_page(url: str, page: str, parent: str | None) -> None:
    """A page is recognised by the form of its URL, or if its index is known."""
    assert index_of_page(url) == page
    assert parent_of_page(url) == (page if parent is None else parent)
