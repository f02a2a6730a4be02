"""The requests in the battery, which test formats, URLs, conditional requests and ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1

LATEST: Final = "application/vnd.pypi.simple.latest+json"
PIP: Final = f"{JSON_V1}, {HTML_V1}; q=0.1, text/html; q=0.01"
UV: Final = f"{JSON_V1}, {HTML_V1};q=0.2, {HTML};q=0.01"
LONG_AGO: Final = "Sat, 01 Jan 2000 00:00:00 GMT"
FAR_OFF: Final = "Fri, 01 Jan 2100 00:00:00 GMT"

ACCEPTED: Final = {"page": (("Accept", HTML),), "wheel": ()}
"""For each target that may have validators, the header fields to send in a plain request."""


@dataclass(frozen=True)
class BatteryQuestion:
    """A request in the battery.

    ``target`` is the resource to request, such as ``page`` or ``wheel``. In ``fields``, ``$etag``
    and ``$modified`` stand for the validators in an earlier 200 response for the same target. If
    that response had no such validator, the request is not sent.
    """

    name: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    method: str = "GET"


def questions() -> Iterator[BatteryQuestion]:
    """Yield all questions in the battery; they are GET and HEAD requests."""
    yield from _formats()
    yield from _places()
    for target, fields in ACCEPTED.items():
        yield BatteryQuestion(f"HEAD of a {target}", target, fields, "HEAD")
        yield from _conditions(target)
    yield from _ranges()
    yield from _files()


def _formats() -> Iterator[BatteryQuestion]:
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
        yield BatteryQuestion(f"page, {name}", "page", (("Accept", accept),) if accept else ())
    yield BatteryQuestion("page, gzip", "page", (("Accept", HTML), ("Accept-Encoding", "gzip")))
    yield BatteryQuestion(
        "page, JSON and gzip", "page", (("Accept", JSON_V1), ("Accept-Encoding", "gzip"))
    )
    yield BatteryQuestion("page, a range", "page", (("Accept", HTML), ("Range", "bytes=0-9")))


def _places() -> Iterator[BatteryQuestion]:
    html, json = (("Accept", HTML),), (("Accept", JSON_V1),)
    yield BatteryQuestion("page without slash", "page without slash", html)
    yield BatteryQuestion("page without slash, JSON", "page without slash", json)
    installer = (("User-Agent", "pip/26.0"), *html)
    yield BatteryQuestion("page without slash, for pip", "page without slash", installer)
    yield BatteryQuestion("page of a name that is not normalised", "unnormalised page", html)
    yield BatteryQuestion("root page, HTML", "root page", html)
    yield BatteryQuestion("root page, JSON", "root page", json)
    yield BatteryQuestion("root page without slash", "root page without slash", html)
    yield BatteryQuestion("unknown project, HTML", "unknown page", html)
    yield BatteryQuestion("unknown project, JSON", "unknown page", json)
    yield BatteryQuestion("unknown project without slash", "unknown page without slash", html)
    yield BatteryQuestion("HEAD of an unknown project", "unknown page", html, "HEAD")


def _conditions(target: str) -> Iterator[BatteryQuestion]:
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
        yield BatteryQuestion(f"{target}, {name}", target, (*ACCEPTED[target], *fields), method)


def _ranges() -> Iterator[BatteryQuestion]:
    ranges = {
        "first bytes": "bytes=0-9",
        "bytes in the middle": "bytes=100-199",
        "all but the first bytes": "bytes=100-",
        "last bytes": "bytes=-10",
        "more last bytes than there are": "bytes=-10000000000",
        "bytes beyond the end": "bytes=10000000000-",
        "several ranges": "bytes=0-9,100-199",
        "a range that ends before it begins": "bytes=9-1",
        "a range of another unit": "lines=0-9",
    }
    for name, value in ranges.items():
        yield BatteryQuestion(f"wheel, {name}", "wheel", (("Range", value),))
    conditions = {"its own ETag": "$etag", "another ETag": '"another"', "a date": "$modified"}
    for name, value in conditions.items():
        fields = (("Range", "bytes=0-9"), ("If-Range", value))
        yield BatteryQuestion(f"wheel, a range if it has {name}", "wheel", fields)
    yield BatteryQuestion("HEAD of a range", "wheel", (("Range", "bytes=0-9"),), "HEAD")


def _files() -> Iterator[BatteryQuestion]:
    yield BatteryQuestion("wheel", "wheel")
    yield BatteryQuestion("wheel, gzip", "wheel", (("Accept-Encoding", "gzip"),))
    yield BatteryQuestion("sdist", "sdist")
    yield BatteryQuestion("core metadata", "metadata")
    yield BatteryQuestion("HEAD of core metadata", "metadata", method="HEAD")
    yield BatteryQuestion("unknown file", "unknown file")
