"""Parse simple pages and the file attributes on them; the pages may be malicious."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.probes.battery.asking import ServerAnswer

LARGEST_PAGE: Final = 16 << 20
"""The maximum size of a page in bytes, after decompression."""

METADATA_KEYS: Final = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
"""The JSON keys that announce core metadata; the last one is a mistake that PyPI makes."""


@dataclass(frozen=True, slots=True)
class ProbedFile:
    """A file on a page; ``attributes`` are JSON keys, or HTML attributes without ``data-``."""

    filename: str
    href: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The values that announce core metadata, keyed by HTML attribute or JSON key."""
        known = {name: self.attributes.get(name) for name in METADATA_KEYS}
        return {name: value for name, value in known.items() if value not in (None, False)}


@dataclass(frozen=True, slots=True)
class ProbedPage:
    """A simple page; ``version`` is the API version that it states, or an empty string."""

    form: str
    version: str
    files: tuple[ProbedFile, ...]
    keys: frozenset[str] = frozenset()


class Anchors(HTMLParser):
    """An HTML parser that collects the attributes and the text of each link on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str], str]] = []
        self.version = ""
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a link, or read the API version (PEP 629)."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.found.append((attributes, ""))
            self._is_open = True
        elif tag == "meta" and attributes.get("name") == "pypi:repository-version":
            self.version = attributes.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        """End a link."""
        self._is_open = self._is_open and tag != "a"

    def handle_data(self, data: str) -> None:
        """Add text to the current link."""
        if self._is_open:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def anchors(text: str) -> Anchors:
    """Parse an HTML page, and return the links on it."""
    parser = Anchors()
    parser.feed(text)
    return parser


def plain_body(answer: ServerAnswer) -> bytes:
    """Return the body without content coding, or an empty body if it cannot be decoded."""
    if "gzip" not in answer.field("content-encoding").lower():
        return answer.body
    try:
        with gzip.open(BytesIO(answer.body)) as file:
            return file.read(LARGEST_PAGE)
    except (OSError, EOFError, zlib.error):
        return b""


def read_page(answer: ServerAnswer) -> ProbedPage | None:
    """Parse an answer as a simple page; return None if it is not a simple page."""
    if answer.status != 200:
        return None
    body = plain_body(answer)
    if "json" not in answer.field("content-type").lower():
        return _html_page(body.decode("utf-8", "replace"))
    try:
        data = loads_json(body)
    except ValueError:
        return None
    return _json_page(data) if isinstance(data, dict) else None


def _html_page(text: str) -> ProbedPage:
    parser = anchors(text)
    files = []
    for attributes, inner in parser.found:
        href, _, fragment = attributes.pop("href", "").partition("#")
        algorithm, _, digest = fragment.partition("=")
        hashes = {algorithm: digest} if digest else {}
        plain = {name.removeprefix("data-"): value for name, value in attributes.items()}
        files.append(ProbedFile(inner.strip(), href, hashes, plain))
    return ProbedPage("html", parser.version, tuple(files))


def _json_page(data: Mapping[str, Any]) -> ProbedPage:
    meta = data.get("meta")
    version = meta.get("api-version") if isinstance(meta, dict) else ""
    entries = data.get("files", data.get("projects"))
    files = []
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            attributes = dict(entry)
            name, href = (
                attributes.pop("filename", attributes.pop("name", "")),
                attributes.pop("url", ""),
            )
            hashes = attributes.pop("hashes", {})
            hashes = hashes if isinstance(hashes, dict) else {}
            files.append(ProbedFile(str(name), str(href), hashes, attributes))
    return ProbedPage("json", str(version or ""), tuple(files), frozenset(map(str, data)))
