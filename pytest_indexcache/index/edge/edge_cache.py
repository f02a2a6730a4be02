"""The CDN edge: a cache that answers requests from its store, or forwards them to its index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pytest_indexcache.index.documents.contents import PartContent
from pytest_indexcache.index.edge.cached_response import (
    CachedResponse,
    Vary,
    cached,
    delta_seconds,
    directives,
)
from pytest_indexcache.index.edge.edge_store import EdgeKey, EdgeStore, selecting_value
from pytest_indexcache.index.exchanges.conditions import (
    is_not_modified,
    is_range_applicable,
    requested_part,
)
from pytest_indexcache.index.exchanges.framing import frame
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.messages import BytesContent, Delivery, Exchange, Headers, Request, Response
from pytest_indexcache.scenario.tables.changes import Purge
from pytest_indexcache.scenario.tables.indexes import Edge

AskIndex = Callable[[Request, float], Response]
"""A function that forwards a request to the index, and returns the response.

The second argument is the time in seconds since the epoch.
"""

_OF_304: Final = frozenset(
    (
        *("age", "cache-control", "content-location", "date", "etag", "expires"),
        *("last-modified", "vary"),
    )
)
"""The header fields that a 304 can contain (RFC 9110 15.4.5)."""

_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since", "If-Range", "Range")


class EdgeCache:
    """A shared cache in front of one index, with the bugs that the scenario configures.

    It does not have a clock: ``now`` is the current time in seconds since the epoch. It is
    thread-safe.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._store = EdgeStore()

    def handle(self, request: Request, now: float, index: AskIndex) -> Response:
        """Answer a request from the store, or else forward it to the index."""
        mixed = self._mixed(request, now)
        if mixed is not None:
            return self._sent(mixed, request)
        key = EdgeKey.of(request, self._edge)
        known = self._store.find(key, request)
        if known is not None and self._may_reuse(known, request, now):
            return self._sent(_from_edge(_answered(known, request, now)), request)
        if request.method == "HEAD":
            known = None
        asked = _validating(request, known) if known is not None else request
        response = index(asked, now)
        sent = frame(asked.method, response).stop
        behind = Exchange.of(asked, response, sent=sent, at=now)
        answer = self._taken(key, request, response, known, now)
        return self._sent(replace(answer, behind=behind), request)

    def purge(self, step: Purge) -> None:
        """Delete the stored responses that the step selects."""

        def is_meant(stored: CachedResponse) -> bool:
            subject = stored.response.subject
            return (
                not self._keeps(stored)
                and step.kind in ("any", subject.kind)
                and (step.project is None or subject.project in (None, step.project))
                and step.format in (None, stored.format)
                and step.gzip in (None, stored.is_gzip)
            )

        self._store.forget(is_meant)

    def _may_reuse(self, stored: CachedResponse, request: Request, now: float) -> bool:
        if request.method not in ("GET", "HEAD"):
            return False
        if self._keeps(stored):
            return True
        if not stored.is_fresh(now):
            return False
        return not self._edge.reload or not _demands_news(request, stored.age_at(now))

    def _keeps(self, stored: CachedResponse) -> bool:
        return stored.is_gzip and "keeps-gzip" in self._edge.mistakes

    def _taken(
        self,
        key: EdgeKey,
        request: Request,
        response: Response,
        known: CachedResponse | None,
        now: float,
    ) -> Response:
        """Store the index's response if this is allowed, and return the response for the client.

        ``known`` is the stored response that was being revalidated, or None.
        """
        if known is not None and response.status == 304:
            new = known.validated(response, self._edge, now)
            self._store.put(key, new)
            return _answered(new, request, now)
        stored = cached(request, response, self._vary(request, response), self._edge, now)
        if stored is not None:
            self._store.put(key, stored)
        if known is None or response.status != 200 or response.delivery != Delivery():
            return response
        # The index has evaluated the conditions of the edge, but not those of the client.
        return _conditional(response, request)

    def _vary(self, request: Request, response: Response) -> Vary:
        if "ignores-vary" in self._edge.mistakes:
            return ()
        names = [name.strip() for name in (response.headers.get("Vary") or "").split(",")]
        lower = sorted({name.lower() for name in names if name})
        return tuple((name, selecting_value(request.headers, name)) for name in lower)

    def _mixed(self, request: Request, now: float) -> Response | None:
        """Return a 304 for another variant of the page if the bug ``mixes-304`` applies.

        Otherwise, return None.
        """
        if "mixes-304" not in self._edge.mistakes or not request.is_conditional:
            return None
        forms = self._store.forms(Location.of(request.url))
        fresh = [form for form in forms if form.is_fresh(now) and form.response.status == 200]
        if not any(is_not_modified(request, form.response.headers) for form in fresh):
            return None
        return _from_edge(_not_modified(_aged(fresh[0], now)))

    def _sent(self, response: Response, request: Request) -> Response:
        content = BytesContent() if request.method == "HEAD" else response.content
        headers = response.headers.without(*self._edge.strips)
        return replace(response, headers=headers, content=content)


def _validating(request: Request, known: CachedResponse) -> Request:
    """Return the conditional request for revalidating a stored response."""
    headers = request.headers.without(*_CONDITIONS)
    for name, field in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        value = known.response.headers.get(field)
        if value is not None:
            headers = headers.set(name, value)
    return replace(request, headers=headers)


def _demands_news(request: Request, age: int) -> bool:
    """Return whether a request refuses stored responses of this age (RFC 9111 5.2.1)."""
    said = directives(request.headers)
    oldest = delta_seconds(said.get("max-age"))
    return "no-cache" in said or (oldest is not None and oldest < max(age, 1))


def _answered(stored: CachedResponse, request: Request, now: float) -> Response:
    """Return a stored response with its Age, after applying the request's conditions and range."""
    response = _aged(stored, now)
    return _conditional(response, request) if response.status == 200 else response


def _aged(stored: CachedResponse, now: float) -> Response:
    # RFC 9111 4: "When a stored response is used to satisfy a request without validation, a cache
    # MUST generate an Age header field"
    headers = stored.response.headers.set("Age", str(stored.age_at(now)))
    return replace(stored.response, headers=headers)


def _conditional(response: Response, request: Request) -> Response:
    """Apply a request's conditions and range to a complete response."""
    headers = response.headers
    if is_not_modified(request, headers):
        return _not_modified(response)
    length = response.content.length
    # RFC 9110 14.2: GET is the only method for which ranges are defined
    is_asked = request.method == "GET" and is_range_applicable(request, headers)
    part = requested_part(request, length) if is_asked else None
    if not isinstance(part, tuple):
        return response
    start, stop = part
    if start >= stop:
        fields = (("Content-Range", f"bytes */{length}"), ("Content-Length", "0"))
        return replace(response, status=416, headers=Headers(fields), content=BytesContent())
    headers = headers.set("Content-Length", str(stop - start)).set(
        "Content-Range", f"bytes {start}-{stop - 1}/{length}"
    )
    content = PartContent(response.content, start, stop)
    return replace(response, status=206, headers=headers, content=content)


def _not_modified(response: Response) -> Response:
    fields = tuple(pair for pair in response.headers if pair[0].lower() in _OF_304)
    return replace(response, status=304, headers=Headers(fields), content=BytesContent())


def _from_edge(response: Response) -> Response:
    return replace(response, subject=replace(response.subject, from_edge=True))
