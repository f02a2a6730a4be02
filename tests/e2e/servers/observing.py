"""The answers of a server to the battery: status, deciding header fields, shape of the body."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from .questions import Question, questions

Shape = dict[str, Any]
"""What is compared of an answer: a flat table of short texts."""

_REPEATED = ("cache-control", "accept-ranges", "content-encoding", "age", "expires")


@dataclass(frozen=True)
class Site:
    """A server as a client sees it.

    ``simple`` is the URL of its root page, with a slash at the end; ``contents`` are the bytes of
    its files by name.
    """

    transport: httpx.BaseTransport
    simple: str
    contents: Mapping[str, bytes]
    project: str = "demo-lib"

    def ask(
        self, url: str, method: str = "GET", fields: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a request with no header field that is not given, but Host."""
        request = httpx.Request(method, url, headers={**(fields or {})})
        response = self.transport.handle_request(request)
        raw = b"".join(response.iter_raw()) if method != "HEAD" else b""
        response.close()
        return httpx.Response(
            response.status_code, headers=response.headers.raw, stream=httpx.ByteStream(raw)
        )


def answers(site: Site) -> dict[str, Shape]:
    """Ask a server every question; those that it gives no validator for are left out."""
    urls = _urls(site)
    validators: dict[str, httpx.Headers] = {}
    found: dict[str, Shape] = {}
    for question in questions():
        url = urls[question.target]
        if question.target not in validators:
            validators[question.target] = site.ask(url, fields={"Accept": "text/html"}).headers
        fields = _filled(question, validators[question.target])
        if fields is not None:
            response = site.ask(url, question.method, fields)
            found[question.name] = _shape(site, url, question, response)
    return found


def _filled(question: Question, headers: httpx.Headers) -> dict[str, str] | None:
    known = {"$etag": headers.get("etag"), "$modified": headers.get("last-modified")}
    fields = {name: known.get(value, value) for name, value in question.fields}
    if None in fields.values():
        return None
    return {name: value for name, value in fields.items() if value is not None}


def _urls(site: Site) -> dict[str, str]:
    page = f"{site.simple}{site.project}/"
    wheel, sdist = (_file_url(site, page, end) for end in (".whl", ".tar.gz"))
    return {
        "page": page,
        "page without slash": page.rstrip("/"),
        "unnormalised page": f"{site.simple}Demo_Lib/",
        "root page": site.simple,
        "root page without slash": site.simple.rstrip("/"),
        "unknown page": f"{site.simple}unknown-lib/",
        "unknown page without slash": f"{site.simple}unknown-lib",
        "wheel": wheel,
        "sdist": sdist,
        "metadata": f"{wheel}.metadata",
        "unknown file": wheel.replace("-1.0-", "-7.0-"),
    }


def _file_url(site: Site, page: str, end: str) -> str:
    """Return where the page says that the first file with this ending lies."""
    response = site.ask(page, fields={"Accept": "text/html"})
    hrefs = [dict(anchor)["href"] for anchor, _ in _anchors(response.read().decode())]
    urls = (urljoin(page, href).partition("#")[0] for href in hrefs if href)
    return next(url for url in urls if urlsplit(url).path.endswith(end))


def _shape(site: Site, url: str, question: Question, response: httpx.Response) -> Shape:
    headers = response.headers
    body = b"".join(response.iter_raw())
    shape: Shape = {"status": response.status_code}
    if "location" in headers:
        shape["location"] = urljoin(url, headers["location"]).removeprefix(site.simple)
    if 300 <= response.status_code < 400 and response.status_code != 304:
        return shape
    for name in _REPEATED:
        if name in headers:
            shape[name] = headers[name]
    if response.status_code in (200, 206):
        shape["content-type"] = headers.get("content-type", "").partition("; boundary")[0].lower()
        shape["content-disposition"] = headers.get("content-disposition", "")
        shape["length"] = "told" if "content-length" in headers else "not told"
    if "content-range" in headers:
        shape["content-range"] = headers["content-range"]
    if "allow" in headers:
        shape["allow"] = _names(headers["allow"])
    if response.status_code < 400:
        shape["etag"] = _etag(headers.get("etag"))
        shape["last-modified"] = "yes" if "last-modified" in headers else "no"
        shape["vary"] = _names(headers.get("vary", ""))
        shape["body"] = _body(site, question, headers, response.status_code, body)
    return {name: value for name, value in shape.items() if value != ""}


def _names(field: str) -> str:
    """Return the names in a field in one order: some servers keep them in sets."""
    return ", ".join(sorted(name.strip().lower() for name in field.split(",") if name))


def _etag(value: str | None) -> str:
    if value is None:
        return "none"
    return "weak" if value.startswith("W/") else "strong" if value.startswith('"') else "unquoted"


def _body(
    site: Site, question: Question, headers: httpx.Headers, status: int, body: bytes
) -> object:
    if not body:
        return "empty"
    for name, content in site.contents.items():
        if body == content:
            return f"all of {name}"
    if headers.get("content-type", "").startswith("multipart/byteranges"):
        return "several parts"
    if status == 206 and "content-range" in headers:
        return "the part that Content-Range names" if _is_part(site, headers, body) else "other"
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    if "page" in question.target:
        return _page(body)
    return "a text"


def _is_part(site: Site, headers: httpx.Headers, body: bytes) -> bool:
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers["content-range"])
    if match is None:
        return False
    first, last, length = map(int, match.groups())
    return any(
        len(content) == length and content[first : last + 1] == body
        for content in site.contents.values()
    )


def _page(body: bytes) -> object:
    text = body.decode()
    if text.startswith("{"):
        return _json_page(json.loads(text))
    versions = re.findall(r'"pypi:repository-version"\s+content="([^"]+)"', text)
    files = {}
    for attributes, inner in _anchors(text):
        entry = {name: value or "" for name, value in attributes}
        href = entry.pop("href", "")
        place, _, fragment = href.partition("#")
        told = {"href": _kind_of(place), "hash": fragment.partition("=")[0]}
        for name in sorted(entry.keys() & _ATTRIBUTES):
            told[name] = re.sub(r"=[0-9a-f]{32,}", "", entry[name])
        files[inner.strip()] = told
    return {"format": "html", "api-version": "".join(versions), "links": files}


_ATTRIBUTES = {
    "data-requires-python",
    "data-core-metadata",
    "data-dist-info-metadata",
    "data-yanked",
}


def _json_page(data: dict[str, Any]) -> object:
    files = {}
    for file in data.get("files", data.get("projects", [])):
        told = {name: value for name, value in file.items() if name not in ("filename", "name")}
        # PEP 691: a file that is not yanked may say so, or say nothing
        told = {name: value for name, value in told.items() if (name, value) != ("yanked", False)}
        if "url" in told:
            told["url"] = _kind_of(told["url"])
        if "hashes" in told:
            told["hashes"] = ", ".join(sorted(told["hashes"]))
        for name in ("core-metadata", "dist-info-metadata", "data-dist-info-metadata"):
            if isinstance(told.get(name), dict):
                told[name] = ", ".join(told[name])
        for name in ("size", "upload-time"):
            if name in told:
                told[name] = told[name] is not None
        files[file.get("filename") or file["name"]] = told
    keys = sorted(data.keys() - {"files", "projects", "meta", "name"})
    version = data["meta"]["api-version"]
    return {"format": "json", "api-version": version, "keys": keys, "files": files}


def _kind_of(href: str) -> str:
    if urlsplit(href).scheme:
        return "absolute"
    return "from the root" if href.startswith("/") else "relative"


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[list[tuple[str, str | None]], str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append((attrs, ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._open:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def _anchors(text: str) -> list[tuple[list[tuple[str, str | None]], str]]:
    parser = _Anchors()
    parser.feed(text)
    return parser.found
