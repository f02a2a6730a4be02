"""Requests that are asked of a fake index and of a real server, to hold one against the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HTML: Final = "text/html"
HTML_V1: Final = "application/vnd.pypi.simple.v1+html"
JSON_V1: Final = "application/vnd.pypi.simple.v1+json"
LATEST: Final = "application/vnd.pypi.simple.latest+json"
PIP: Final = f"{JSON_V1}, {HTML_V1}; q=0.1, text/html; q=0.01"
UV: Final = f"{JSON_V1}, {HTML_V1};q=0.2, {HTML};q=0.01"
LONG_AGO: Final = "Sat, 01 Jan 2000 00:00:00 GMT"
FAR_OFF: Final = "Fri, 01 Jan 2100 00:00:00 GMT"

_ACCEPTED: Final = {"page": (("Accept", HTML),), "wheel": ()}


@dataclass(frozen=True)
class Question:
    """One request.

    ``target`` names what it is for, such as ``page`` or ``wheel``. In ``fields`` ``$etag`` and
    ``$modified`` stand for the validators of a 200 of the same target; without such a validator
    the question is not asked.
    """

    name: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    method: str = "GET"


def questions() -> Iterator[Question]:
    """Yield every question of the battery."""
    yield from _formats()
    yield from _places()
    for target in ("page", "wheel"):
        yield from _methods(target)
        yield from _conditions(target)
    yield from _ranges()
    yield from _files()


def _formats() -> Iterator[Question]:
    accepted = {
        "no Accept": None,
        "text/html": HTML,
        "HTML v1": HTML_V1,
        "JSON v1": JSON_V1,
        "JSON latest": LATEST,
        "anything": "*/*",
        "what pip accepts": PIP,
        "what uv accepts": UV,
        "no known format": "image/png",
    }
    for name, accept in accepted.items():
        yield Question(f"page, {name}", "page", (("Accept", accept),) if accept else ())
    yield Question("page, gzip", "page", (("Accept", HTML), ("Accept-Encoding", "gzip")))
    yield Question(
        "page, JSON and gzip", "page", (("Accept", JSON_V1), ("Accept-Encoding", "gzip"))
    )
    yield Question("page, a range", "page", (("Accept", HTML), ("Range", "bytes=0-9")))


def _places() -> Iterator[Question]:
    html, json = (("Accept", HTML),), (("Accept", JSON_V1),)
    yield Question("page without slash", "page without slash", html)
    yield Question("page without slash, JSON", "page without slash", json)
    installer = (("User-Agent", "pip/26.0"), *html)
    yield Question("page without slash, for pip", "page without slash", installer)
    yield Question("page of a name that is not normalised", "unnormalised page", html)
    yield Question("root page, HTML", "root page", html)
    yield Question("root page, JSON", "root page", json)
    yield Question("root page without slash", "root page without slash", html)
    yield Question("unknown project, HTML", "unknown page", html)
    yield Question("unknown project, JSON", "unknown page", json)
    yield Question("unknown project without slash", "unknown page without slash", html)
    yield Question("HEAD of an unknown project", "unknown page", html, "HEAD")


def _methods(target: str) -> Iterator[Question]:
    for method in ("HEAD", "POST", "PUT", "DELETE"):
        yield Question(f"{method} of a {target}", target, _ACCEPTED[target], method)


def _conditions(target: str) -> Iterator[Question]:
    conditions = {
        "its own ETag": (("If-None-Match", "$etag"),),
        "another ETag": (("If-None-Match", '"another"'),),
        "any ETag": (("If-None-Match", "*"),),
        "its own Last-Modified": (("If-Modified-Since", "$modified"),),
        "modified since long ago": (("If-Modified-Since", LONG_AGO),),
        "modified since a time to come": (("If-Modified-Since", FAR_OFF),),
        "another ETag, its own Last-Modified": (
            ("If-None-Match", '"another"'),
            ("If-Modified-Since", "$modified"),
        ),
        "HEAD, its own ETag": (("If-None-Match", "$etag"),),
    }
    for name, fields in conditions.items():
        method = "HEAD" if name.startswith("HEAD") else "GET"
        yield Question(f"{target}, {name}", target, (*_ACCEPTED[target], *fields), method)


def _ranges() -> Iterator[Question]:
    ranges = {
        "first bytes": "bytes=0-9",
        "bytes in the middle": "bytes=100-199",
        "all but the first bytes": "bytes=100-",
        "last bytes": "bytes=-10",
        "more last bytes than there are": "bytes=-1000000",
        "bytes beyond the end": "bytes=1000000-",
        "several ranges": "bytes=0-9,100-199",
        "a range that ends before it begins": "bytes=9-1",
        "a range of another unit": "lines=0-9",
    }
    for name, value in ranges.items():
        yield Question(f"wheel, {name}", "wheel", (("Range", value),))
    conditions = {"its own ETag": "$etag", "another ETag": '"another"', "a date": "$modified"}
    for name, value in conditions.items():
        fields = (("Range", "bytes=0-9"), ("If-Range", value))
        yield Question(f"wheel, a range if it has {name}", "wheel", fields)
    yield Question("HEAD of a range", "wheel", (("Range", "bytes=0-9"),), "HEAD")


def _files() -> Iterator[Question]:
    yield Question("wheel", "wheel")
    yield Question("wheel, gzip", "wheel", (("Accept-Encoding", "gzip"),))
    yield Question("sdist", "sdist")
    yield Question("core metadata", "metadata")
    yield Question("HEAD of core metadata", "metadata", method="HEAD")
    yield Question("unknown file", "unknown file")
