"""Validate stored responses, and update them with the validation responses (RFC 9111 4.3)."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.rules.cache_freshness import StoredResponse, date_value
from pytest_indexcache.reference.http_cache.rules.cache_policy import (
    selecting_fields,
    storable_headers,
)
from pytest_indexcache.reference.http_cache.rules.header_values import (
    is_strong,
    opaque_tag,
    parse_entity_tags,
    parse_http_date,
)

PRECONDITIONS: Final = (
    "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range",
)  # fmt: skip
"""The fields that make a request conditional (RFC 9110 13.1)."""

# 3.2: of the fields that "the cache's stored response depends upon" and those that are
# "automatically processed", these say how the stored bytes are to be read
_NOT_UPDATED: Final = ("Content-Length", "Content-Encoding", "Content-Range")


def validation_request(request: Request, stored: StoredResponse) -> Request | None:
    """Return the request that validates a stored response, or None if it cannot be validated.

    See RFC 9111 4.3.1. A request that is already conditional cannot be used for this: its condition
    refers to the client's own copy, so it is forwarded unchanged.
    """
    if any(name in request.headers for name in PRECONDITIONS):
        return None
    # a 304 confirms a whole response, so it cannot confirm an incomplete one
    if stored.part is not None:
        return None
    headers = request.headers
    # "MUST send the relevant entity tags (using If-Match, If-None-Match, or If-Range) if the
    # entity tags were provided in the stored response(s) being validated."
    entity_tag = stored.headers.get("ETag")
    if entity_tag:
        headers = headers.set("If-None-Match", entity_tag)
    # "SHOULD send the Last-Modified value (using If-Modified-Since) if the request is not for a
    # subrange, a single stored response is being validated, and that response contains a
    # Last-Modified value."
    last_modified = stored.headers.get("Last-Modified")
    if last_modified and "Range" not in request.headers:
        headers = headers.set("If-Modified-Since", last_modified)
    return None if headers is request.headers else replace(request, headers=headers)


class Identity(StrEnum):
    """Whether a response is the same as a stored response, according to its validators."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


def identify(stored: StoredResponse, headers: Headers) -> Identity:
    """Compare the validators in a 304 with those of the stored response that it may confirm.

    This follows RFC 9111 4.3.4, except that entity tags are compared weakly: servers that compress
    on the fly send a weak tag in the 200, but the strong tag in the 304.
    """
    entity_tag, stored_tag = headers.get("ETag"), stored.headers.get("ETag")
    # "If none of the initial set contains at least one of the same strong validators, then the
    # cache MUST NOT use the new response to update any stored responses."
    if entity_tag is not None:
        same = stored_tag is not None and opaque_tag(entity_tag) == opaque_tag(stored_tag)
        return Identity.SAME if same else Identity.OTHER
    # "If the new response contains no strong validators but does contain one or more weak
    # validators, and those validators correspond to one of the initial set's stored responses"
    last_modified = headers.get("Last-Modified")
    if last_modified is not None:
        same = last_modified == stored.headers.get("Last-Modified")
        return Identity.SAME if same else Identity.UNKNOWN
    # "If the new response does not include any form of validator [...], and there is only one
    # stored response in the initial set, and that stored response also lacks a validator"
    lacks = stored_tag is None and "Last-Modified" not in stored.headers
    return Identity.SAME if lacks else Identity.UNKNOWN


def freshen(stored: StoredResponse, request: Request, received: StoredResponse) -> StoredResponse:
    """Return a stored response, updated with a 304 or with the answer to a HEAD (RFC 9111 3.2)."""
    headers = storable_headers(received.headers, received.response_time)
    # "the cache MUST add each header field in the provided response to the stored response,
    # replacing field values that are already present, with the following exceptions"
    headers = headers.without(*_NOT_UPDATED)
    if _is_weaker(stored.headers.get("ETag"), headers.get("ETag")):
        headers = headers.without("ETag")
    # the stored Age is about the old response; the new one has an age only if it sends Age
    kept = stored.headers.without("Age", *(name for name, _ in headers))
    updated = Headers(kept.fields + headers.fields)
    return replace(
        stored,
        headers=updated,
        request_time=received.request_time,
        response_time=received.response_time,
        selecting=selecting_fields(request, updated),
    )


def _is_weaker(stored_tag: str | None, received_tag: str | None) -> bool:
    """Return whether the stored tag is the weak form of the received tag.

    If so, the strong tag must not be assigned to the stored bytes.
    """
    if stored_tag is None or received_tag is None:
        return False
    return not is_strong(stored_tag) and stored_tag == f"W/{received_tag}"


def is_confirmed_by_head(stored: StoredResponse, headers: Headers, stored_length: int) -> bool:
    """Return whether the response to a HEAD describes the stored response (RFC 9111 4.3.5)."""
    # "if the stored response and HEAD response have matching values for any received validator
    # fields (ETag and Last-Modified) and, if the HEAD response has a Content-Length header field,
    # the value of Content-Length matches that of the stored response, the cache SHOULD update the
    # stored response"
    for name in ("ETag", "Last-Modified"):
        if name in headers and headers.get(name) != stored.headers.get(name):
            return False
    total = stored.part.total if stored.part else stored_length
    length = headers.get("Content-Length") or stored.headers.get("Content-Length")
    return length is None or length == str(total)


def is_not_modified(request: Request, stored: StoredResponse) -> bool:
    """Return whether a conditional request can be answered with 304 (RFC 9111 4.3.2).

    The condition is compared with the validators of the stored response.
    """
    if stored.status not in (200, 206):
        return False
    # "If-None-Match takes precedence over If-Modified-Since"
    asked = request.headers.get_all("If-None-Match")
    if asked:
        # RFC 9110 13.1.2: "A recipient MUST use the weak comparison function when comparing entity
        # tags for If-None-Match"
        entity_tag = stored.headers.get("ETag")
        tags = {opaque_tag(tag) for tag in parse_entity_tags(asked)}
        return "*" in tags or (entity_tag is not None and opaque_tag(entity_tag) in tags)
    since = request.headers.get("If-Modified-Since")
    moment = parse_http_date(since, stored.response_time) if since else None
    if moment is None:
        return False
    # "If a request contains an If-Modified-Since header field and the Last-Modified header field
    # is not present in a stored response, a cache SHOULD use the stored response's Date field
    # value"
    last_modified = stored.headers.get("Last-Modified")
    modified = parse_http_date(last_modified, stored.response_time) if last_modified else None
    return (date_value(stored) if modified is None else modified) <= moment
