"""Parse simple pages and their links to files (PEP 503, 592, 658, 691 and 700)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.drafts.words.names import named_file

HASHES: Final = ("sha256", "sha512", "md5")


@dataclass(frozen=True)
class LinkedFile:
    """A file to which a simple page links.

    ``href`` is the link as written, ``url`` the absolute URL. ``yanked`` is the reason for yanking,
    which may be empty, or None if the file is not yanked. ``size`` is in bytes, or 0 if unknown.
    """

    project: str
    version: str
    filename: str
    url: str
    href: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    requires_python: str = ""
    yanked: str | None = None
    size: int = 0
    upload_time: str = ""
    has_metadata: bool = False


@dataclass(frozen=True)
class SeenPage:
    """A parsed simple page; ``api_version`` is the format version that the page declares."""

    is_json: bool
    api_version: str
    entries: tuple[LinkedFile, ...]
    title: str = ""
    tells_versions: bool = False


def read_page(text: bytes, media_type: str, url: str) -> SeenPage | None:
    """Parse a simple page, or return None if the text is not one."""
    if media_type.endswith("+json"):
        return _json_page(text, url)
    return _html_page(text.decode("utf-8", "replace"), url) if "html" in media_type else None


def _json_page(text: bytes, url: str) -> SeenPage | None:
    try:
        page = loads_json(text)
    except ValueError:
        return None
    if not isinstance(page, dict):
        return None
    meta, files = page.get("meta"), page.get("files")
    version = str(meta.get("api-version", "")) if isinstance(meta, dict) else ""
    found = (
        [_of_json(file, url) for file in files if isinstance(file, dict)]
        if isinstance(files, list)
        else []
    )
    entries = tuple(entry for entry in found if entry is not None)
    return SeenPage(True, version, entries, str(page.get("name", "")), "versions" in page)


def _of_json(file: Mapping[str, Any], url: str) -> LinkedFile | None:
    href = str(file.get("url", ""))
    named = named_file(str(file.get("filename", "")) or href)
    if named is None:
        return None
    hashes = file.get("hashes")
    yanked = file.get("yanked", False)
    size = file.get("size")
    return LinkedFile(
        named.project,
        named.version,
        named.filename,
        urljoin(url, href),
        href,
        {str(k): str(v) for k, v in hashes.items()} if isinstance(hashes, dict) else {},
        str(file.get("requires-python") or ""),
        (yanked if isinstance(yanked, str) else "") if yanked else None,
        size if isinstance(size, int) else 0,
        str(file.get("upload-time") or ""),
        bool(file.get("core-metadata") or file.get("data-dist-info-metadata")),
    )


def _html_page(text: str, url: str) -> SeenPage:
    reader = _PageReader()
    reader.feed(text)
    reader.close()
    base = urljoin(url, reader.base)
    found = (_of_html(attributes, base) for attributes in reader.anchors)
    entries = tuple(entry for entry in found if entry is not None)
    return SeenPage(False, reader.version, entries)


def _of_html(attributes: Mapping[str, str], base: str) -> LinkedFile | None:
    href = attributes.get("href", "")
    named = named_file(unquote(urlsplit(href).path))
    if named is None:
        return None
    place, fragment = urldefrag(href)
    return LinkedFile(
        named.project,
        named.version,
        named.filename,
        urljoin(base, place),
        place,
        dict(_fragment_hashes(fragment)),
        attributes.get("data-requires-python", ""),
        attributes.get("data-yanked"),
        has_metadata=bool({"data-core-metadata", "data-dist-info-metadata"} & attributes.keys()),
    )


def _fragment_hashes(fragment: str) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in parse_qsl(fragment) if name in HASHES)


class _PageReader(HTMLParser):
    """Collects the links of an HTML page, its base URL, and its format version."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[dict[str, str]] = []
        self.base = ""
        self.version = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the attributes of a link, the base URL or the format version."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.anchors.append(given)
        elif tag == "base":
            self.base = given.get("href", "") or self.base
        elif tag == "meta" and given.get("name") == "pypi:repository-version":
            self.version = given.get("content", "")
