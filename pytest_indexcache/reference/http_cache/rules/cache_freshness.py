"""Compute the age of a stored response, and its freshness lifetime (RFC 9111 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives
from pytest_indexcache.reference.http_cache.rules.header_values import (
    parse_delta_seconds,
    parse_http_date,
    split_list,
)

HEURISTIC_FRACTION: Final = 0.1
"""The heuristic freshness lifetime, as a fraction of the time since Last-Modified.

See RFC 9111 4.2.2.
"""

HEURISTIC_BOUND: Final = 600.0
"""The upper bound, in seconds, on a lifetime that is estimated from Last-Modified.

Without a bound, a page that was last changed ten years ago would hide new releases for a year. uv
has used the same bound since 0.2.33 (https://github.com/astral-sh/uv/issues/5351): it reuses a page
with an age of 590 seconds, and requests a page with an age of 610 seconds again. pypi.org sends
this value as the max-age of its pages. Firefox uses a week.
"""

HEURISTICALLY_CACHEABLE: Final = frozenset(
    {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}
)
"""Status codes that are heuristically cacheable (RFC 9110 15.1)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a body: from byte ``first`` to byte ``last``, of ``total`` bytes."""

    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        """The number of bytes in the part."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The head of a response as a cache stores it, with everything else that a cache must remember.

    ``request_time`` and ``response_time`` are the times of the request and of the response, in
    seconds since the epoch. ``selecting`` contains the request fields that Vary names, with their
    normalized values, or None for a field that was not in the request. ``part`` is the stored range
    of an incomplete body (206).
    """

    url: str
    status: int
    headers: Headers
    request_time: float
    response_time: float
    selecting: tuple[tuple[str, str | None], ...] = ()
    part: ByteRange | None = None


def freshness_lifetime(stored: StoredResponse, bound: float = HEURISTIC_BOUND) -> float:
    """Return a response's freshness lifetime in seconds; 0 if it is never fresh.

    See RFC 9111 4.2.1; s-maxage is ignored because the cache is private. ``bound`` limits a
    lifetime that is estimated from Last-Modified.
    """
    headers = stored.headers
    directives = Directives.of(headers)
    # "If the max-age response directive is present, use its value", and 4.2.1: "Caches are
    # encouraged to consider responses that have invalid freshness information (e.g., a max-age
    # directive with non-integer content) to be stale."
    if "max-age" in directives:
        return float(directives.seconds("max-age") or 0)
    # "If the Expires response header field is present, use its value minus the value of the Date
    # response header field"
    if "Expires" in headers:
        return _lifetime_until_expires(stored)
    # 4.2.2: "A cache MUST NOT use heuristics to determine freshness when an explicit expiration
    # time is present in the stored response", and they are for "responses without explicit
    # freshness whose status codes are defined as heuristically cacheable" and those "that have been
    # marked as explicitly cacheable (e.g., with a public response directive)"
    if stored.status in HEURISTICALLY_CACHEABLE or "public" in directives:
        return min(_heuristic_lifetime(stored), bound)
    return 0.0


def _lifetime_until_expires(stored: StoredResponse) -> float:
    # 5.3: "A cache recipient MUST interpret invalid date formats, especially the value "0", as
    # representing a time in the past". Two lines join to an invalid date, and 4.2.1 lets a
    # response with two values "be considered stale".
    expires = parse_http_date(stored.headers.get("Expires") or "", stored.response_time)
    return 0.0 if expires is None else max(0.0, expires - date_value(stored))


def _heuristic_lifetime(stored: StoredResponse) -> float:
    # 4.2.2: "If the response has a Last-Modified header field, caches are encouraged to use a
    # heuristic expiration value that is no more than some fraction of the interval since that
    # time. A typical setting of this fraction might be 10%."
    last_modified = parse_http_date(stored.headers.get("Last-Modified") or "", stored.response_time)
    if last_modified is None:
        return 0.0
    return max(0.0, (date_value(stored) - last_modified) * HEURISTIC_FRACTION)


def date_value(stored: StoredResponse) -> float:
    """Return the time in a response's Date, or its arrival time if Date is missing or invalid."""
    lines = stored.headers.get_all("Date")
    date = parse_http_date(lines[0], stored.response_time) if lines else None
    return stored.response_time if date is None else date


def current_age(stored: StoredResponse, now: float) -> float:
    """Return a response's age in seconds (RFC 9111 4.2.3)."""
    apparent_age = max(0.0, stored.response_time - date_value(stored))
    # "A cache MUST interpret this value relative to the time the request was initiated, not the
    # time that the response was received."
    response_delay = max(0.0, stored.response_time - stored.request_time)
    corrected_age_value = _age_value(stored.headers) + response_delay
    # "corrected_initial_age can be calculated more conservatively as" the greater of both
    corrected_initial_age = max(apparent_age, corrected_age_value)
    # "The current_age of a stored response can then be calculated by adding the time (in seconds)
    # since the stored response was last validated by the origin server"
    return corrected_initial_age + max(0.0, now - stored.response_time)


def _age_value(headers: Headers) -> int:
    # 5.1: "Although it is defined as a singleton header field, a cache encountering a message
    # with a list-based Age field value SHOULD use the first member of the field value, discarding
    # subsequent ones. If the field value (after discarding additional members, as per above) is
    # invalid [...], a cache SHOULD ignore the field."
    members = split_list(headers.get("Age") or "")
    return (parse_delta_seconds(members[0]) if members else None) or 0


def is_fresh(stored: StoredResponse, now: float) -> bool:
    """Return whether a response is still within its freshness lifetime (RFC 9111 4.2)."""
    return freshness_lifetime(stored) > current_age(stored, now)


def staleness(stored: StoredResponse, now: float) -> float:
    """Return how many seconds ago a response became stale; negative if it is fresh."""
    return current_age(stored, now) - freshness_lifetime(stored)
