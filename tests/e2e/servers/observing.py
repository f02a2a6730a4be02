"""The answers of a server to the battery: status, relevant header fields, shape of the body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.probes.battery.asking import ServerAnswer, ask_all
from pytest_indexcache.probes.battery.pages import anchors, plain_body
from pytest_indexcache.probes.battery.places import Places, file_url
from pytest_indexcache.probes.battery.questions import ACCEPTED, BatteryQuestion, questions

Shape = dict[str, Any]
"""The compared parts of an answer: a flat table of short strings."""

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

    def ask(self, asked: Request) -> ServerAnswer:
        """Send a request with only the given header fields and Host."""
        request = httpx.Request(asked.method, asked.url, headers=list(asked.headers))
        response = self.transport.handle_request(request)
        raw = b"".join(response.iter_raw()) if asked.method != "HEAD" else b""
        response.close()
        fields = response.headers.raw
        headers = Headers(tuple((name.decode(), value.decode()) for name, value in fields))
        return ServerAnswer(response.status_code, headers, raw)


def answers(site: Site) -> dict[str, Shape]:
    """Send each question to a server, unless it needs a validator that the server never sent."""
    places = _places(site)
    asked = {question.name: question for question in (*questions(), *_changing())}
    found = {}
    for name, answer in ask_all(site.ask, places, asked.values()).items():
        question = asked[name]
        url = places.url_of(question.target)
        assert url is not None
        found[name] = _shape(site, url, question, answer)
    return found


def _changing() -> Iterator[BatteryQuestion]:
    """Yield the questions that a probe never sends, because they could change an index."""
    for target, fields in ACCEPTED.items():
        for method in ("POST", "PUT", "DELETE"):
            yield BatteryQuestion(f"{method} of a {target}", target, fields, method)


def _places(site: Site) -> Places:
    places = Places(site.simple, site.project)
    wheel, sdist = (_file_url(site, places.page, end) for end in (".whl", ".tar.gz"))
    return Places(site.simple, site.project, wheel, sdist)


def _file_url(site: Site, page: str, end: str) -> str:
    """Return the URL of the first file with this suffix on the project's page."""
    answer = site.ask(Request("GET", page, Headers.of({"Accept": "text/html"})))
    found = anchors(answer.body.decode()).found
    urls = (file_url(page, attributes["href"]) for attributes, _ in found)
    return next(url for url in urls if urlsplit(url).path.endswith(end))


def _shape(site: Site, url: str, question: BatteryQuestion, answer: ServerAnswer) -> Shape:
    headers, status = answer.headers, answer.status
    shape: Shape = {"status": status}
    if "location" in headers:
        shape["location"] = urljoin(url, answer.field("location")).removeprefix(site.simple)
    if 300 <= status < 400 and status != 304:
        return shape
    for name in (*_REPEATED, "content-range"):
        shape[name] = answer.field(name)
    if status in (200, 206):
        shape["content-type"] = answer.field("content-type").partition("; boundary")[0].lower()
        shape["content-disposition"] = answer.field("content-disposition")
        shape["length"] = "told" if "content-length" in headers else "not told"
    shape["allow"] = _names(answer.field("allow"))
    if status < 400:
        shape["etag"] = _etag(headers.get("etag"))
        shape["last-modified"] = "yes" if "last-modified" in headers else "no"
        shape["vary"] = _names(answer.field("vary"))
        shape["body"] = _body(site, question, answer)
    return {name: value for name, value in shape.items() if value != ""}


def _names(field: str) -> str:
    """Return the names in a header field in sorted order, because some servers vary their order."""
    return ", ".join(sorted(name.strip().lower() for name in field.split(",") if name))


def _etag(value: str | None) -> str:
    if value is None:
        return "none"
    return "weak" if value.startswith("W/") else "strong" if value.startswith('"') else "unquoted"


def _body(site: Site, question: BatteryQuestion, answer: ServerAnswer) -> object:
    body = answer.body
    if not body:
        return "empty"
    for name, content in site.contents.items():
        if body == content:
            return f"all of {name}"
    if answer.field("content-type").startswith("multipart/byteranges"):
        return "several parts"
    if answer.status == 206 and "content-range" in answer.headers:
        return "the part that Content-Range names" if _is_part(site, answer) else "other"
    return _page(plain_body(answer)) if "page" in question.target else "a text"


def _is_part(site: Site, answer: ServerAnswer) -> bool:
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.field("content-range"))
    if match is None:
        return False
    first, last, length = map(int, match.groups())
    return any(
        len(content) == length and content[first : last + 1] == answer.body
        for content in site.contents.values()
    )


def _page(body: bytes) -> object:
    text = body.decode()
    if text.startswith("{"):
        return _json_page(json.loads(text))
    versions = re.findall(r'"pypi:repository-version"\s+content="([^"]+)"', text)
    files = {}
    for entry, inner in anchors(text).found:
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
