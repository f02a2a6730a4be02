"""Evaluate conditional requests and range requests according to RFC 9110."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from typing import Final

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.servers.answers import AS_PYPI, Answers, Validator


@dataclass(frozen=True, slots=True)
class ConditionRules:
    """Which conditions a server evaluates, and how.

    If ``exact_dates`` is true, If-Modified-Since must be exactly equal to Last-Modified.
    """

    conditions: tuple[Validator, ...] = ("etag", "date")
    exact_dates: bool = False


_ETAG = re.compile(r'(?:W/)?"[^"]*"|[^\s,"]+')
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)-(\d*)\s*", re.IGNORECASE | re.ASCII)
_LONGEST_NUMBER: Final = 100


def is_not_modified(
    request: Request, headers: Headers, rules: ConditionRules = ConditionRules()
) -> bool:
    """Return whether a conditional request is answered with a 304.

    ``headers`` are the header fields that a 200 response would contain.
    """
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None and "etag" in rules.conditions:
        return _matches(if_none_match, headers.get("ETag"))
    # RFC 9110 13.1.3: "A recipient MUST ignore If-Modified-Since if the request contains an
    # If-None-Match header field"
    since = date_in_seconds(request.headers.get("If-Modified-Since"))
    if since is None or "date" not in rules.conditions:
        return False
    modified = date_in_seconds(headers.get("Last-Modified"))
    if modified is None:
        return False
    return modified == since if rules.exact_dates else modified <= since


def is_range_applicable(request: Request, headers: Headers) -> bool:
    """Return whether If-Range allows the requested range to be sent (RFC 9110 13.1.5)."""
    condition = (request.headers.get("If-Range") or "").strip()
    if not condition:
        return True
    etag = headers.get("ETag")
    if etag is not None and condition == etag:
        # "A client MUST NOT generate an If-Range header field containing an entity tag that is
        # marked as weak"; the comparison is the strong one
        return not condition.startswith("W/")
    wanted, modified = date_in_seconds(condition), date_in_seconds(headers.get("Last-Modified"))
    return wanted is not None and wanted == modified


Part = tuple[int, int]
"""The start and end of a part of a body; the end is exclusive."""


def requested_part(request: Request, length: int, answers: Answers = AS_PYPI) -> Part | int | None:
    """Return the part of a body that is requested, or the status code that refuses the range.

    The result is None if the whole body must be sent, either because the request does not have a
    Range field or because the server ignores it (RFC 9110 14.2). The part is empty if the range is
    outside the body.
    """
    field = request.headers.get("Range")
    if not field:
        return None
    if "," in field and _RANGE.fullmatch(field.partition(",")[0]):
        if answers.several_ranges != "first":
            return None if answers.several_ranges == "whole" else answers.several_ranges
        field = field.partition(",")[0]
    match = _RANGE.fullmatch(field)
    first, last = match.groups() if match else ("", "")
    wrong = None if answers.wrong_ranges == 200 else answers.wrong_ranges
    if not (first or last) or max(len(first), len(last)) > _LONGEST_NUMBER:
        return wrong
    if not first:
        return _suffix(int(last), length, answers)
    if last and int(last) < int(first):
        return wrong
    return min(int(first), length), min(int(last) + 1, length) if last else length


def _suffix(wanted: int, length: int, answers: Answers) -> Part | int | None:
    if answers.suffix_ranges != 206:
        return None if answers.suffix_ranges == 200 else answers.suffix_ranges
    if wanted > length and answers.long_suffix == 416:
        return 416
    return max(0, length - wanted), length


def _matches(if_none_match: str, etag: str | None) -> bool:
    # RFC 9110 13.1.2: "*" matches where "the origin server has a current representation"
    if if_none_match.strip() == "*":
        return True
    if etag is None:
        return False
    # "A recipient MUST use the weak comparison function"
    return _opaque(etag) in {_opaque(tag) for tag in _ETAG.findall(if_none_match)}


def _opaque(etag: str) -> str:
    """Return the part of an ETag that a weak comparison uses; ETags without quotes are accepted."""
    return etag.strip().removeprefix("W/")


def date_in_seconds(field: str | None) -> int | None:
    """Parse an HTTP date in any valid format; return None for other text (RFC 9110 5.6.7)."""
    parts = parsedate_tz(field) if field else None
    if parts is None:
        return None
    try:
        return mktime_tz(parts)
    except (ValueError, OverflowError):
        return None
