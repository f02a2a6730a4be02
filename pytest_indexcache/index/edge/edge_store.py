"""The store of an edge: responses by key, and by the fields that Vary names; bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pytest_indexcache.index.edge.cached_response import CachedResponse
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.index.offers.negotiation import (
    HTML,
    HTML_V1,
    JSON_V1,
    accepts_gzip,
    choose_media_type,
)
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.scenario.tables.indexes import Edge

MOST: Final = 1000
"""How many responses an edge stores; the oldest go first."""


class EdgeKey(NamedTuple):
    """By what an edge tells requests apart: the place, and further parts of the request."""

    location: Location
    parts: tuple[str | None, ...]

    @classmethod
    def of(cls, request: Request, edge: Edge) -> EdgeKey:
        """Return the key of a request."""
        parts = (
            urlsplit(request.url).query if part == "query" else told_apart(request.headers, part)
            for part in edge.key
        )
        return cls(Location.of(request.url), tuple(parts))


def told_apart(headers: Headers, name: str) -> str | None:
    """Return the value of a request's field as far as an edge tells it from others.

    RFC 9111 4.1 allows values to be "normalized [...] in a way that is known to be identical in
    semantics": of Accept the format of simple pages counts that it asks for, of Accept-Encoding
    whether gzip may be sent.
    """
    value = headers.get(name)
    if name.lower() == "accept":
        return choose_media_type(value, (HTML, HTML_V1, JSON_V1))
    if name.lower() == "accept-encoding":
        return "gzip" if accepts_gzip(value) else None
    return value


class EdgeStore:
    """The responses that an edge has; any number of threads may use it."""

    def __init__(self) -> None:
        self._entries: list[tuple[EdgeKey, CachedResponse]] = []
        self._lock = Lock()

    def find(self, key: EdgeKey, request: Request) -> CachedResponse | None:
        """Return the newest response to requests like this one (RFC 9111 4.1)."""
        for own, cached in self._newest_first():
            if own == key and all(
                told_apart(request.headers, name) == value for name, value in cached.vary
            ):
                return cached
        return None

    def forms(self, location: Location) -> Iterator[CachedResponse]:
        """Yield every response that is stored of a place, the one that was stored last first."""
        return (cached for own, cached in self._newest_first() if own.location == location)

    def put(self, key: EdgeKey, new: CachedResponse) -> None:
        """Store a response in the place of the one that was chosen by the same fields."""
        with self._lock:
            self._entries = [
                (own, cached)
                for own, cached in self._entries[-MOST + 1 :]
                if own != key or cached.vary != new.vary
            ]
            self._entries.append((key, new))

    def forget(self, is_meant: Callable[[CachedResponse], bool]) -> None:
        """Forget the responses that are meant."""
        with self._lock:
            self._entries = [entry for entry in self._entries if not is_meant(entry[1])]

    def _newest_first(self) -> Iterator[tuple[EdgeKey, CachedResponse]]:
        with self._lock:
            return reversed(self._entries)
