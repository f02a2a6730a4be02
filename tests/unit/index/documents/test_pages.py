"""Simple pages, parsed by pip's own parsers and by a minimal parser."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._internal.index.collector import IndexContent, parse_links
from pip._internal.models.link import Link

from pytest_indexcache.index.documents.pages import (
    Listed,
    project_html,
    project_json,
    root_html,
    root_json,
)
from pytest_indexcache.messages import JSON_V1

PAGE = "https://pypi.org/simple/torch/"

TORCH = Listed(
    filename="torch-2.8.0+cpu-py3-none-any.whl",
    href="../../whl/torch-2.8.0%2Bcpu-py3-none-any.whl",
    version="2.8.0+cpu",
    size=1234,
    uploaded=1_704_067_200,
    hashes=(("sha256", "ab" * 32),),
    requires_python=">=3.9,<4",
    yanked='a "bad" <build> & more',
    metadata_hashes=(("sha256", "cd" * 32),),
)
PLAIN = Listed("torch-1.tar.gz", "https://files.example/torch-1.tar.gz", "1", 5, 0)
BARE = Listed(
    "torch-2-py3-none-any.whl", "torch-2-py3-none-any.whl", "2", 5, 0, yanked="", metadata_hashes=()
)


class Anchors(HTMLParser):
    """A parser that collects the attributes and text of each anchor."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the attributes of an anchor."""
        if tag == "a":
            self.found.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        """Record the text of an anchor."""
        if self.found and not self.found[-1][1]:
            self.found[-1] = (self.found[-1][0], data)


def pip_links(content: bytes, content_type: str) -> list[Link]:
    """Return the links that pip finds on a page."""
    return list(parse_links(IndexContent(content, content_type, "utf-8", PAGE, False)))


def test_html_page_says_what_the_peps_ask_for() -> None:
    """An anchor on an HTML page has the hash, Requires-Python, yank and metadata, all escaped."""
    [(attributes, text), *_] = Anchors(project_html("torch", [TORCH]).decode()).found
    assert text == TORCH.filename
    assert attributes == {
        "href": f"{TORCH.href}#sha256={'ab' * 32}",
        "data-requires-python": ">=3.9,<4",
        "data-yanked": 'a "bad" <build> & more',
        "data-core-metadata": f"sha256={'cd' * 32}",
        "data-dist-info-metadata": f"sha256={'cd' * 32}",
    }
    assert b'content="1.1"' in project_html("torch", [])


def test_html_page_leaves_out_what_is_not_known() -> None:
    """Without hash, yank, metadata or requires-python an anchor has only ``href``."""
    found = Anchors(project_html("torch", [PLAIN, BARE]).decode()).found
    assert [attributes for attributes, _ in found] == [
        {"href": PLAIN.href},
        {
            "href": BARE.href,
            "data-yanked": "",
            "data-core-metadata": "true",
            "data-dist-info-metadata": "true",
        },
    ]


def test_json_page_says_what_the_peps_ask_for() -> None:
    """A JSON page lists hashes, size, upload time, versions, and both keys for metadata."""
    page = json.loads(project_json("torch", [TORCH, PLAIN, BARE]))
    assert page["meta"] == {"api-version": "1.1"}
    assert (page["name"], page["versions"]) == ("torch", ["2.8.0+cpu", "1", "2"])
    assert page["files"] == [
        {
            "filename": TORCH.filename,
            "url": TORCH.href,
            "hashes": {"sha256": "ab" * 32},
            "size": 1234,
            "upload-time": "2024-01-01T00:00:00Z",
            "yanked": TORCH.yanked,
            "requires-python": ">=3.9,<4",
            "core-metadata": {"sha256": "cd" * 32},
            "data-dist-info-metadata": {"sha256": "cd" * 32},
        },
        {
            "filename": PLAIN.filename,
            "url": PLAIN.href,
            "hashes": {},
            "size": 5,
            "upload-time": "1970-01-01T00:00:00Z",
            "yanked": False,
        },
        {
            "filename": BARE.filename,
            "url": BARE.href,
            "hashes": {},
            "size": 5,
            "upload-time": "1970-01-01T00:00:00Z",
            "yanked": True,
            "core-metadata": True,
            "data-dist-info-metadata": True,
        },
    ]


DIGESTS = st.sampled_from(["sha256", "sha512", "md5"]).map(lambda name: ((name, "ab" * 32),))
LISTED = st.builds(
    Listed,
    filename=st.sampled_from(["torch-1-py3-none-any.whl", "torch-2.0+cpu-py3-none-any.whl"]),
    href=st.sampled_from(
        ["../torch-1.whl", "https://files.example/a%2Bb.whl", "/whl/x/torch-1%2Bcpu.whl", "a.whl"]
    ),
    version=st.just("1"),
    size=st.integers(0, 10**12),
    uploaded=st.integers(0, 4 * 10**9),
    hashes=st.just(()) | DIGESTS,
    requires_python=st.none() | st.sampled_from([">=3.8", "<4,>=3", '!=3.1.* ; "<&>']),
    yanked=st.none() | st.text(st.characters(exclude_categories=["C", "Z"])),
    metadata_hashes=st.none() | st.just(()) | DIGESTS,
)


def seen(link: Link) -> dict[str, Any]:
    """Return all properties that pip reads from a link."""
    return {
        "url": link.url_without_fragment,
        "filename": link.filename,
        "hashes": link._hashes or {},
        "requires-python": link.requires_python,
        "yanked": link.yanked_reason,
        "metadata": None if (data := link.metadata_file_data) is None else data.hashes,
    }


def test_json_page_is_no_page_of_html() -> None:
    """A yank reason with a tag cannot become a link if JSON is parsed as HTML."""
    reason = "<a href='file:///x/torch-3-py3-none-any.whl'>torch-3-py3-none-any.whl</a>"
    page = project_json("torch", [replace(TORCH, yanked=reason)])
    assert json.loads(page)["files"][0]["yanked"] == reason
    for media_type in ("text/html", JSON_V1):
        content = IndexContent(page, media_type, encoding=None, url=PAGE)
        assert all(link.url.startswith("https://pypi.org/whl/") for link in parse_links(content))


@given(st.lists(LISTED, max_size=5))
def test_pip_reads_the_same_from_html_and_from_json(files: list[Listed]) -> None:
    """The parsers of pip find the same links on an HTML page and on a JSON page."""
    html = [seen(link) for link in pip_links(project_html("torch", files), "text/html")]
    data = [seen(link) for link in pip_links(project_json("torch", files), JSON_V1)]
    assert html == data
    assert len(html) == len(files)
    for link, file in zip(html, files, strict=True):
        assert link["hashes"] == dict(file.hashes)
        assert link["requires-python"] == file.requires_python
        assert link["yanked"] == file.yanked
        expected = None if file.metadata_hashes is None else dict(file.metadata_hashes) or None
        assert link["metadata"] == expected


@pytest.mark.parametrize("title", ["Jinja2", "<script>&\"'"])
def test_root_page_lists_the_projects(title: str) -> None:
    """The root page lists each project, with HTML escaped."""
    projects = [("jinja2", title), ("torch", "torch")]
    assert Anchors(root_html(projects).decode()).found == [
        ({"href": "jinja2/"}, title),
        ({"href": "torch/"}, "torch"),
    ]
    assert json.loads(root_json(projects))["projects"] == [{"name": title}, {"name": "torch"}]
