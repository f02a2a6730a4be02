"""The store of a CDN edge: a limited number of responses, keyed by cache key and Vary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pytest_indexcache.index.edge.cached_response import CachedResponse, Vary
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.index.offers.negotiation import accepts_gzip, choose_media_type
from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1, Headers, Request
from pytest_indexcache.scenario.tables.indexes import Edge

MOST: Final = 1000
"""The maximum number of responses in a CDN edge's store; the oldest are removed first."""


class EdgeKey(NamedTuple):
    """The cache key that a CDN edge uses: the location, and other parts of the request."""

    location: Location
    parts: tuple[str | None, ...]

    @classmethod
    def of(cls, request: Request, edge: Edge) -> EdgeKey:
        """Return the cache key for a request."""
        parts = (
            urlsplit(request.url).query
            if part == "query"
            else selecting_value(request.headers, part)
            for part in edge.key
        )
        return cls(Location.of(request.url), tuple(parts))


def selecting_value(headers: Headers, name: str) -> str | None:
    """Return the normalised value of a request field that selects stored responses.

    RFC 9111 4.1 allows values to be "normalized [...] in a way that is known to be identical in
    semantics". Accept is replaced by the preferred format for simple pages, and Accept-Encoding by
    ``gzip`` if the client accepts gzip.
    """
    value = headers.get(name)
    if name.lower() == "accept":
        return choose_media_type(value, (HTML, HTML_V1, JSON_V1))
    if name.lower() == "accept-encoding":
        return "gzip" if accepts_gzip(value) else None
    return value


class EdgeStore:
    """The responses stored by a CDN edge; thread-safe."""

    def __init__(self) -> None:
        self._entries: dict[tuple[EdgeKey, Vary], CachedResponse] = {}
        self._forms: dict[EdgeKey, list[Vary]] = {}
        self._lock = Lock()

    def find(self, key: EdgeKey, request: Request) -> CachedResponse | None:
        """Return the newest stored response that matches a request, or None (RFC 9111 4.1)."""
        with self._lock:
            forms = [self._entries[key, vary] for vary in reversed(self._forms.get(key, []))]
        return next((form for form in forms if _is_chosen(form, request)), None)

    def forms(self, location: Location) -> Sequence[CachedResponse]:
        """Return all stored variants of the response for a location, newest first."""
        with self._lock:
            entries = reversed(self._entries.items())
            return [cached for (key, _), cached in entries if key.location == location]

    def put(self, key: EdgeKey, new: CachedResponse) -> None:
        """Store a response in place of any with the same key and the same values for Vary."""
        with self._lock:
            if (key, new.vary) in self._entries:
                self._drop(key, new.vary)
            self._entries[key, new.vary] = new
            self._forms.setdefault(key, []).append(new.vary)
            if len(self._entries) > MOST:
                self._drop(*next(iter(self._entries)))

    def forget(self, is_meant: Callable[[CachedResponse], bool]) -> None:
        """Delete all responses for which ``is_meant`` returns true."""
        with self._lock:
            for entry in [entry for entry, cached in self._entries.items() if is_meant(cached)]:
                self._drop(*entry)

    def _drop(self, key: EdgeKey, vary: Vary) -> None:
        del self._entries[key, vary]
        self._forms[key].remove(vary)
        if not self._forms[key]:
            del self._forms[key]


def _is_chosen(cached: CachedResponse, request: Request) -> bool:
    return all(selecting_value(request.headers, name) == value for name, value in cached.vary)
