"""Partial content (RFC 9110 14): the part that a request selects, and the part that is stored."""

from __future__ import annotations

import re
from typing import Final

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.rules.cache_freshness import ByteRange, StoredResponse
from pytest_indexcache.reference.http_cache.rules.header_values import is_strong

_RANGE: Final = re.compile(r"bytes=\s*(?P<first>\d*)-(?P<last>\d*)\s*", re.ASCII | re.IGNORECASE)
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII | re.IGNORECASE)


def requested_part(request: Request, total: int) -> ByteRange | None:
    """Return the part of a body of ``total`` bytes that a request selects.

    The result is None if the request selects the whole body, several parts, or a range that cannot
    be satisfied.
    """
    value = request.headers.get("Range")
    match = _RANGE.fullmatch(value) if value is not None else None
    # RFC 9110 14.2: "A server MUST ignore a Range header field received with a request method that
    # is unrecognized or for which range handling is not defined. For this specification, GET is
    # the only method for which range handling is defined."
    if match is None or request.method != "GET" or not total:
        return None
    if match["first"]:
        first = int(match["first"])
        last = min(int(match["last"]), total - 1) if match["last"] else total - 1
    elif match["last"]:
        # RFC 9110 14.1.2: "If the selected representation is shorter than the specified suffix-
        # length, the entire representation is used."
        first, last = max(0, total - int(match["last"])), total - 1
    else:
        return None
    return ByteRange(first, last, total) if first <= last else None


def content_range(headers: Headers) -> ByteRange | None:
    """Return the range in a 206's Content-Range, or None if it cannot be used."""
    match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range") or "")
    if match is None:
        return None
    first, last, total = (int(number) for number in match.groups())
    # RFC 9110 14.4: "A Content-Range field value is invalid if it contains a range-resp that has a
    # last-pos value less than its first-pos value, or a complete-length value less than or equal
    # to its last-pos value."
    return ByteRange(first, last, total) if first <= last < total else None


def wants_whole(request: Request, stored: StoredResponse) -> bool:
    """Return whether a request must be answered with the whole body, not with a part of it.

    That is so if the request has no Range, or if its If-Range condition is false.
    """
    if "Range" not in request.headers:
        return True
    condition = request.headers.get("If-Range")
    if condition is None:
        return False
    # RFC 9110 13.1.5: "A recipient of an If-Range header field MUST ignore the Range header field
    # if the If-Range condition evaluates to false."
    entity_tag = stored.headers.get("ETag")
    same_tag = entity_tag == condition and is_strong(condition)
    return not (same_tag or stored.headers.get("Last-Modified") == condition)


def holds(stored: StoredResponse, request: Request, length: int) -> bool:
    """Return whether the stored bytes are enough to answer a request.

    ``length`` is the number of stored bytes.
    """
    # 3.3: "A cache MUST NOT use an incomplete response to answer requests unless the response has
    # been made complete, or the request is partial and specifies a range wholly within the
    # incomplete response."
    if stored.part is not None:
        if wants_whole(request, stored):
            return False
        wanted = requested_part(request, stored.part.total)
        inside = wanted and stored.part.first <= wanted.first and wanted.last <= stored.part.last
        return bool(inside)
    if request.method == "HEAD" or wants_whole(request, stored):
        return True
    return stored.status == 200 and requested_part(request, length) is not None
