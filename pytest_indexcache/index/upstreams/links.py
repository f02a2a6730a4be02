"""Read and rewrite the links on simple pages in HTML and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1

PAGE_TYPES: Final = (HTML, HTML_V1, JSON_V1)

_HREF = re.compile(r"""(\shref\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)

Rewrite = Callable[[str], str]
"""A function that takes an absolute link on a page and returns the new link.

It returns "" if the link must not be changed.
"""


def media_type(content_type: str | None) -> str:
    """Return the media type in a Content-Type field, in lower case and without parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def page_links(text: bytes, content_type: str | None, url: str) -> tuple[str, ...]:
    """Return the absolute URLs that a simple page links to, or an empty tuple for other documents.

    ``url`` is the URL of the page. A ``<base>`` in HTML is taken into account, and fragments are
    kept.
    """
    found: list[str] = []

    def note(link: str) -> str:
        found.append(link)
        return ""

    rewritten(text, content_type, url, note)
    return tuple(found)


def rewritten(text: bytes, content_type: str | None, url: str, rewrite: Rewrite) -> bytes | None:
    """Return a page with rewritten links, or None if nothing changes or if it is not a page."""
    kind = media_type(content_type)
    if kind == JSON_V1:
        return _json_page(text, url, rewrite)
    return _html_page(text, url, rewrite) if kind in PAGE_TYPES else None


def _json_page(text: bytes, url: str, rewrite: Rewrite) -> bytes | None:
    try:
        page = loads_json(text)
    except ValueError:
        return None
    files = page.get("files") if isinstance(page, Mapping) else None
    has_changed = False
    for file in files if isinstance(files, list) else ():
        link = file.get("url") if isinstance(file, dict) else None
        if isinstance(link, str) and (new := rewrite(_joined(url, link))):
            file["url"] = new
            has_changed = True
    return json.dumps(page).encode() if has_changed else None


def _html_page(text: bytes, url: str, rewrite: Rewrite) -> bytes | None:
    page = text.decode("utf-8", "surrogateescape")
    reader = _AnchorReader(url)
    reader.feed(page)
    reader.close()
    pieces: list[str] = []
    at = 0
    for start, tag, link in reader.anchors:
        new = rewrite(link)
        if not new:
            continue
        href = _HREF.search(tag)
        assert href is not None, "an anchor that was noted has a link"
        pieces += [page[at:start], f'{tag[: href.start(2)]}"{escape(new)}"{tag[href.end(2) :]}']
        at = start + len(tag)
    if not pieces:
        return None
    return "".join([*pieces, page[at:]]).encode("utf-8", "surrogateescape")


class _AnchorReader(HTMLParser):
    """Collects the position, the tag's text and the link of each anchor on a page."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[tuple[int, str, str]] = []
        self._base = url
        self._starts: list[int] = []

    def feed(self, data: str) -> None:
        """Parse a whole page."""
        self._starts = [0, *(found.end() for found in re.finditer("\n", data))]
        super().feed(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        """Record an anchor, or the base URL for all links that follow."""
        text = self.get_starttag_text() or ""
        href = _HREF.search(text)
        if tag not in ("a", "base") or href is None:
            return
        link = _joined(self._base, unescape(href[2].strip("\"'")))
        if tag == "base":
            self._base = link or self._base
        else:
            line, column = self.getpos()
            self.anchors.append((self._starts[line - 1] + column, text, link))


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""
