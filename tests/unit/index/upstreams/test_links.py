"""Links of simple pages."""

from __future__ import annotations

import json

import pytest

from pytest_indexcache.index.upstreams.links import page_links, rewritten
from pytest_indexcache.messages import JSON_V1

PAGE = "https://index.example/simple/six/"
HTML = (
    b"<!DOCTYPE html><html><body>\n"
    b'<a class="x" href="../../packages/six-1.0.tar.gz#sha256=00" data-yanked="">six</a>\n'
    b"<A HREF='https://files.example/six-1.0-py3-none-any.whl?a=1&amp;b=2'>six</A>\xff\n"
    b"<a>none</a><a href=/rooted.zip>rooted</a></body></html>\n"
)
LINKS = (
    "https://index.example/packages/six-1.0.tar.gz#sha256=00",
    "https://files.example/six-1.0-py3-none-any.whl?a=1&b=2",
    "https://index.example/rooted.zip",
)


def test_links_of_html_are_resolved() -> None:
    """Links of an HTML page are resolved, with entities decoded, in the page's order."""
    assert page_links(HTML, "text/html; charset=utf-8", PAGE) == LINKS


def test_links_are_relative_to_the_base_of_html() -> None:
    """``<base>`` changes the base URL of the links after it."""
    page = b'<base href="/other/"><a href="a.whl">a</a>'
    assert page_links(page, "text/html", PAGE) == ("https://index.example/other/a.whl",)


def test_links_of_json_are_resolved() -> None:
    """Files of a JSON page may have relative URLs (PEP 691)."""
    page = json.dumps({"files": [{"url": "a.whl"}, {"url": 7}, 3, {"url": "/b.whl"}]}).encode()
    found = page_links(page, JSON_V1, PAGE)
    assert found == (f"{PAGE}a.whl", "https://index.example/b.whl")


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (b"<a href='x.whl'>", "text/plain"),
        (b"<a href='x.whl'>", None),
        (b"{", JSON_V1),
        (b"[]", JSON_V1),
        (b'{"files": 3}', JSON_V1),
        (b"<a href='http://[::1/x'>", "text/html"),
        (b"<a href", "text/html"),
    ],
)
def test_text_without_links_has_none(text: bytes, content_type: str | None) -> None:
    """A body that is broken, or is not a page, has no links and raises no error."""
    assert not any(page_links(text, content_type, PAGE))


def test_rewriting_changes_the_links_alone() -> None:
    """Rewriting links keeps all other bytes of a page."""

    def rewrite(link: str) -> str:
        return "https://new.example/?a&b" if "files.example" in link else ""

    old = b"'https://files.example/six-1.0-py3-none-any.whl?a=1&amp;b=2'"
    expected = HTML.replace(old, b'"https://new.example/?a&amp;b"')
    assert rewritten(HTML, "text/html", PAGE, rewrite) == expected


def test_rewriting_json_changes_the_urls_alone() -> None:
    """Rewriting a JSON page changes only the URLs of files."""
    page = {"meta": {"api-version": "1.1"}, "files": [{"url": "a.whl", "hashes": {"md5": "0"}}]}
    text = rewritten(json.dumps(page).encode(), JSON_V1, PAGE, lambda _: "https://new.example/a")
    assert text is not None
    page["files"] = [{"url": "https://new.example/a", "hashes": {"md5": "0"}}]
    assert json.loads(text) == page


def test_page_whose_links_stay_is_left_alone() -> None:
    """A page without changed links is not rewritten."""
    assert rewritten(HTML, "text/html", PAGE, lambda _: "") is None
