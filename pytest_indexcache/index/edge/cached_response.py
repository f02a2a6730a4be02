"""Determine whether a CDN edge may store a response, and compute its lifetime and its age."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from pytest_indexcache.index.exchanges.conditions import date_in_seconds
from pytest_indexcache.messages import JSON_V1, Delivery, Headers, Kind, Request, Response
from pytest_indexcache.scenario.tables.indexes import Edge

_DIRECTIVE = re.compile(r'([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?', re.ASCII)
_LONGEST: Final = 2**31
"""The maximum number of seconds; any larger number is replaced with it (RFC 9111 1.2.2)."""

_BY_DEFAULT: Final = frozenset({200, 203, 300, 301, 308, 404, 410})
"""Statuses of responses that can be cached without an explicit lifetime (RFC 9110 15.1)."""

_OF_CONNECTIONS: Final = (
    *("Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization"),
    *("TE", "Trailer", "Transfer-Encoding", "Upgrade"),
)
"""Header fields that a cache does not store (RFC 9111 3.1)."""

_OF_BODIES: Final = (
    *("Content-Encoding", "Content-Length", "Content-Range", "Content-Type"),
    *_OF_CONNECTIONS,
)
"""Header fields in a 304 that do not apply to the stored body (RFC 9111 3.2)."""

_GROUPS: Final[Mapping[Kind, Literal["pages", "metadata", "files"]]] = {
    Kind.PAGE: "pages",
    Kind.JSON: "pages",
    Kind.METADATA: "metadata",
    Kind.WHEEL: "files",
    Kind.SDIST: "files",
}


Vary = tuple[tuple[str, str | None], ...]
"""The request fields that selected a response, with their values normalised for comparison."""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A complete response that a CDN edge has stored.

    ``lifetime`` is in seconds. ``at`` is the time at which the response arrived, in seconds since
    the epoch, and ``age`` is its age at that time.
    """

    response: Response
    vary: Vary
    lifetime: int
    age: int
    at: float

    def age_at(self, now: float) -> int:
        """Return the age of the response in whole seconds (RFC 9111 4.2.3)."""
        return min(self.age + max(0, int(now - self.at)), _LONGEST)

    def is_fresh(self, now: float) -> bool:
        """Return whether the response can be reused without contacting the index (RFC 9111 4.2)."""
        return self.lifetime > self.age_at(now)

    @property
    def format(self) -> Literal["html", "json"] | None:
        """The format of a simple page, or None if the response is not a simple page."""
        if self.response.subject.kind is not Kind.PAGE:
            return None
        content_type = self.response.headers.get("Content-Type") or ""
        return "json" if content_type.startswith(JSON_V1) else "html"

    @property
    def is_gzip(self) -> bool:
        """Whether the body is compressed."""
        return "Content-Encoding" in self.response.headers

    def validated(self, by: Response, edge: Edge, now: float) -> CachedResponse:
        """Return the response after updating its fields from ``by``, a 304 (RFC 9111 4.3.4)."""
        headers = self.response.headers.without("Age")
        news = by.headers.without(*_OF_BODIES)
        for name in dict.fromkeys(name.lower() for name, _ in news):
            headers = headers.set(_as_written(news, name), *news.get_all(name))
        response = replace(self.response, headers=headers)
        return _kept(response, self.vary, edge, _age(by.headers, now), now)


def cached(
    request: Request,
    response: Response,
    vary: Vary,
    edge: Edge,
    now: float,
) -> CachedResponse | None:
    """Return the response in the form in which a CDN edge stores it (RFC 9111 3).

    The result is None if the response must not be stored.
    """
    is_whole = response.status not in (206, 304) and response.delivery == Delivery()
    if request.method != "GET" or not is_whole or ("*", None) in vary:
        return None
    lifetime = lifetime_of(response, edge)
    if _forced(response, edge) is not None:
        if response.status not in _BY_DEFAULT:
            return None
    elif lifetime is None or not _is_shareable(request, response.headers):
        return None
    if not lifetime and not has_validator(response.headers):
        return None
    kept = replace(response, headers=response.headers.without(*_OF_CONNECTIONS))
    return _kept(kept, vary, edge, _age(response.headers, now), now)


def _kept(response: Response, vary: Vary, edge: Edge, age: int, now: float) -> CachedResponse:
    lifetime = lifetime_of(response, edge) or 0
    # An imposed lifetime begins when the edge receives a response, whatever the response's age is.
    is_forced = _forced(response, edge) is not None
    return CachedResponse(response, vary, lifetime + age if is_forced else lifetime, age, now)


def has_validator(headers: Headers) -> bool:
    """Return whether a response with these header fields can be revalidated."""
    return "ETag" in headers or "Last-Modified" in headers


def lifetime_of(response: Response, edge: Edge) -> int | None:
    """Return the freshness lifetime in seconds, or None if it is unknown (RFC 9111 4.2.1).

    The lifetime is 0 for a 200 response that does not define a lifetime but has a validator.
    """
    forced = _forced(response, edge)
    if forced is not None:
        return forced
    headers = response.headers
    said = directives(headers)
    if "no-cache" in said:
        return 0
    for name in ("s-maxage", "max-age"):
        if name in said:
            return delta_seconds(said[name]) or 0
    if "Expires" in headers:
        expires, date = (date_in_seconds(headers.get(name)) for name in ("Expires", "Date"))
        return max(0, expires - date) if expires is not None and date is not None else 0
    return 0 if response.status == 200 and has_validator(headers) else None


def directives(headers: Headers) -> Mapping[str, str]:
    """Return the Cache-Control directives with their arguments.

    If a directive is repeated, only the first one counts.
    """
    said: dict[str, str] = {}
    for name, quoted, plain in _DIRECTIVE.findall(headers.get("Cache-Control") or ""):
        said.setdefault(name.lower(), quoted or plain)
    return said


def delta_seconds(text: str | None) -> int | None:
    """Parse a number of seconds (RFC 9111 1.2.2); return None for any other text."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return _LONGEST if len(digits) > 10 else min(int(digits), _LONGEST)


def _forced(response: Response, edge: Edge) -> int | None:
    """Return the lifetime that is configured for this kind of response, or None if none is set."""
    group = _GROUPS.get(response.subject.kind)
    return None if group is None else edge.lifetime.get(group)


def _is_shareable(request: Request, headers: Headers) -> bool:
    said = directives(headers)
    if "no-store" in said or "private" in said:
        return False
    # RFC 9111 3.5: "A shared cache MUST NOT use a cached response to a request with an
    # Authorization header field [...] unless the response contains a Cache-Control field with a
    # response directive that allows it"
    allows = {"public", "s-maxage", "must-revalidate"}
    return "Authorization" not in request.headers or bool(allows & said.keys())


def _age(headers: Headers, now: float) -> int:
    """Return the age that a response had on arrival, from its header fields (RFC 9111 4.2.3)."""
    date = date_in_seconds(headers.get("Date"))
    apparent = 0 if date is None else max(0, int(now) - date)
    return min(max(apparent, delta_seconds(headers.get("Age")) or 0), _LONGEST)


def _as_written(headers: Headers, lower: str) -> str:
    return next(name for name, _ in headers if name.lower() == lower)
