"""Parse simple pages, on which indexes list files (PEP 503, 592, 658, 691, 700, 714)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote, urljoin

from packaging.utils import NormalizedName

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.messages import JSON_V1
from pytest_indexcache.reference.index.filenames import read_version
from pytest_indexcache.reference.words.hashes import ALGORITHMS
from pytest_indexcache.reference.words.moments import read_upload_time
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.urls import without_credentials

JSON_TYPES: Final = (JSON_V1, "application/json")
"""The content types of JSON pages; a page with any other type is read as HTML.

Some indexes send HTML with the wrong type: download.pytorch.org, for example, has sent
binary/octet-stream.
"""


def parse_page(
    page: SimplePage, project: NormalizedName, index: IndexLocation | None = None
) -> tuple[RemoteFile, ...]:
    """Return a project's files on a page, in the page's order.

    Entries that are not valid, or not wheels or sdists of the project, are left out.

    :raises IndexResponseError: if the body is not a simple page, or its version is not 1.x
    """
    body = page.body or b""
    entries = _json_entries if _is_json(page.content_type, body) else _html_entries
    files = (_file_of(base, entry, project, index) for base, entry in entries(page.url, body))
    return tuple(file for file in files if file is not None)


def _is_json(content_type: str, body: bytes) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in JSON_TYPES or (not kind and body.lstrip()[:1] == b"{")


def _json_entries(url: str, body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the file entries on a JSON page (PEP 691), each with the base URL for its links."""
    try:
        page = loads_json(body)
    except ValueError as error:
        raise _no_page(url, f"its JSON is broken: {error}") from error
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise _no_page(url, "it has no list of files")
    meta = page.get("meta")
    _check_version(url, meta.get("api-version") if isinstance(meta, dict) else None)
    yield from ((url, entry) for entry in page["files"] if isinstance(entry, dict))


def _file_of(
    base: str, entry: Mapping[str, Any], project: NormalizedName, index: IndexLocation | None
) -> RemoteFile | None:
    filename, href = entry.get("filename"), entry.get("url")
    if not isinstance(filename, str) or not isinstance(href, str):
        return None
    version = read_version(filename, project)
    url = _absolute(base, href)
    if version is None or url is None:
        return None
    # PEP 714: "core-metadata" is the key; before it, PEP 691 had "dist-info-metadata".
    announced = entry.get("core-metadata", entry.get("dist-info-metadata"))
    size = entry.get("size")
    return RemoteFile(
        filename=filename,
        url=url,
        project=project,
        version=version,
        hashes=_string_items(entry.get("hashes")),
        requires_python=_text_or_none(entry.get("requires-python")),
        yanked=_yanked(entry.get("yanked")),
        metadata_hashes=_metadata_hashes(announced),
        size=size if type(size) is int and size >= 0 else None,
        index=index,
        uploaded=read_upload_time(entry.get("upload-time")),
    )


def _string_items(value: object) -> dict[str, str]:
    """Return the hashes in a JSON object, with algorithms and digests in lower case.

    Hashes with an unknown algorithm are left out. The result is empty if the value is not an
    object.
    """
    if not isinstance(value, dict):
        return {}
    return {
        str(name).lower(): digest.lower()
        for name, digest in value.items()
        if str(name).lower() in ALGORITHMS and isinstance(digest, str) and digest
    }


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _yanked(value: object) -> str | None:
    """Return the reason why a file was yanked, which may be empty; None if it was not (PEP 592)."""
    if isinstance(value, str):
        return value
    return "" if value is True else None


def _metadata_hashes(value: object) -> dict[str, str] | None:
    """Return the hashes of a file's core metadata, from the metadata key of the file's page entry.

    The result is empty if the index announces metadata without a hash, and None if it does not
    announce metadata.
    """
    if isinstance(value, dict):
        return _string_items(value)
    return {} if value is True else None


def _html_entries(url: str, body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the file entries on an HTML page (PEP 503), converted to the form of JSON entries."""
    base = url
    for tag, attributes in _tags(body):
        if tag == "base":
            base = _absolute(url, attributes.get("href") or "") or url
        elif tag == "meta" and attributes.get("name") == "pypi:repository-version":
            _check_version(url, attributes.get("content"))
        elif tag == "a":
            yield base, _entry_of_anchor(attributes)


def _tags(body: bytes) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []

    class _Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("a", "base", "meta"):
                found.append((tag, dict(attrs)))

    collector = _Collector(convert_charrefs=False)
    try:
        collector.feed(body.decode("utf-8", "replace"))
        collector.close()
    except (AssertionError, ValueError):
        # A declaration that is cut off or nested wrongly; the links before it are usable.
        return found
    return found


def _entry_of_anchor(attributes: Mapping[str, str | None]) -> dict[str, Any]:
    link, _, fragment = (attributes.get("href") or "").strip().partition("#")
    entry: dict[str, Any] = {
        "filename": unquote(link.partition("?")[0].rpartition("/")[2]),
        "url": link,
        "hashes": _read_hash(fragment),
        "requires-python": attributes.get("data-requires-python"),
    }
    if "data-yanked" in attributes:  # PEP 592: "a data-yanked attribute which may have no value"
        entry["yanked"] = attributes["data-yanked"] or ""
    for name in ("core-metadata", "dist-info-metadata"):
        if f"data-{name}" in attributes:  # PEP 658, PEP 714: "true", or a hash of the metadata
            value = attributes[f"data-{name}"] or ""
            entry[name] = value.lower() != "false" and _read_hash(value)
    return entry


def _read_hash(text: str) -> dict[str, str]:
    """Parse ``ALGORITHM=HEX`` in a URL fragment, which may also contain other parts.

    The result is empty if there is no hash with a known algorithm.
    """
    for part in text.split("&"):
        name, found, digest = part.partition("=")
        if found and digest and name.lower() in ALGORITHMS:
            return {name.lower(): digest.lower()}
    return {}


def read_url_hashes(url: str) -> dict[str, str]:
    """Return the hash in a URL's fragment, or an empty mapping if there is none."""
    return _read_hash(url.partition("#")[2])


def _absolute(base: str, link: str) -> str | None:
    """Resolve a link on a page; return None for a link that an installer must not follow."""
    link = link.strip().partition("#")[0]
    if not link:
        return None
    try:
        link.encode()
        url = link if link.startswith(_REMOTE) else urljoin(base, link)
    except ValueError:
        return None
    # Only pages on this machine may lead to files on this machine.
    return url if url.startswith(_REMOTE if base.startswith(_REMOTE) else _ANYWHERE) else None


_REMOTE: Final = ("https://", "http://")
_ANYWHERE: Final = (*_REMOTE, "file://")


def _check_version(url: str, version: object) -> None:
    """Raise IndexResponseError if a page's major version is not 1 (PEP 629)."""
    if isinstance(version, str) and version.partition(".")[0].strip() not in ("1", ""):
        raise _no_page(url, f"its version is {version}, and only 1.x is understood")


def _no_page(url: str, problem: str) -> IndexResponseError:
    return IndexResponseError(
        f"{without_credentials(url)} is not a simple page: {problem}",
        hint="check the URL of the index: it must end right before the name of a project",
    )
