"""Conditional requests and ranges: what RFC 9110 makes of the fields of a request; pure."""

from __future__ import annotations

import re
from email.utils import mktime_tz, parsedate_tz
from typing import Final

from pytest_indexcache.messages import Headers, Request

_ETAG = re.compile(r'(?:W/)?"[^"]*"|[^\s,"]+')
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)-(\d*)\s*", re.IGNORECASE | re.ASCII)
_LONGEST_NUMBER: Final = 100


def is_not_modified(request: Request, headers: Headers) -> bool:
    """Whether a 304 answers the request, where a 200 would have these header fields."""
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None:
        return _matches(if_none_match, headers.get("ETag"))
    # RFC 9110 13.1.3: "A recipient MUST ignore If-Modified-Since if the request contains an
    # If-None-Match header field"
    since = _seconds(request.headers.get("If-Modified-Since"))
    if since is None:
        return False
    modified = _seconds(headers.get("Last-Modified"))
    return modified is not None and modified <= since


def is_range_applicable(request: Request, headers: Headers) -> bool:
    """Whether the range that a request asks for holds for what is here now (RFC 9110 13.1.5)."""
    condition = (request.headers.get("If-Range") or "").strip()
    if not condition:
        return True
    etag = headers.get("ETag")
    if etag is not None and condition == etag:
        # "A client MUST NOT generate an If-Range header field containing an entity tag that is
        # marked as weak"; the comparison is the strong one
        return not condition.startswith("W/")
    wanted, modified = _seconds(condition), _seconds(headers.get("Last-Modified"))
    return wanted is not None and wanted == modified


def requested_part(request: Request, length: int) -> tuple[int, int] | None:
    """Return the part that a single range asks for: its start, and where it stops.

    None where there is no such field or none that is understood; several ranges are not, and the
    whole may be sent then (RFC 9110 14.2). The part is empty where it lies outside.
    """
    field = request.headers.get("Range")
    match = _RANGE.fullmatch(field) if field else None
    if match is None:
        return None
    first, last = match.groups()
    if not (first or last) or max(len(first), len(last)) > _LONGEST_NUMBER:
        return None
    if not first:
        return max(0, length - int(last)), length
    if last and int(last) < int(first):
        return None
    return min(int(first), length), min(int(last) + 1, length) if last else length


def _matches(if_none_match: str, etag: str | None) -> bool:
    # RFC 9110 13.1.2: "*" matches where "the origin server has a current representation"
    if if_none_match.strip() == "*":
        return True
    if etag is None:
        return False
    # "A recipient MUST use the weak comparison function"
    return _opaque(etag) in {_opaque(one) for one in _ETAG.findall(if_none_match)}


def _opaque(etag: str) -> str:
    """Return what weak comparison compares; some indexes leave out the quotation marks."""
    return etag.strip().removeprefix("W/")


def _seconds(field: str | None) -> int | None:
    """Read an HTTP date, in any of its forms; None where it is none (RFC 9110 5.6.7)."""
    parts = parsedate_tz(field) if field else None
    if parts is None:
        return None
    try:
        return mktime_tz(parts)
    except (ValueError, OverflowError):
        return None
