"""Helpers that make requests and stored responses."""

from __future__ import annotations

from pytest_indexcache.messages import Headers, Request, http_date
from pytest_indexcache.reference.http_cache.rules.cache_freshness import StoredResponse

NOW = 1_700_000_000.0
URL = "https://download.pytorch.org/whl/cpu/torch/"
LATER = http_date(NOW + 3600)


def request(
    *fields: tuple[str, str], method: str = "GET", url: str = URL, control: str | None = None
) -> Request:
    """Make a request; ``control`` is its Cache-Control."""
    extra = () if control is None else (("Cache-Control", control),)
    return Request(method, url, Headers(fields + extra))


def stored(
    control: str | None = None,
    *fields: tuple[str, str],
    age: float = 0.0,
    selecting: tuple[tuple[str, str | None], ...] = (),
    status: int = 200,
) -> StoredResponse:
    """Make a stored response that arrived ``age`` seconds before NOW."""
    extra = () if control is None else (("Cache-Control", control),)
    headers = Headers((("Date", http_date(NOW - age)), *extra, *fields))
    return StoredResponse(URL, status, headers, NOW - age, NOW - age, selecting)
