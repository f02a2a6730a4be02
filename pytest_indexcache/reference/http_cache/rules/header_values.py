"""Strict parsers for the header fields that a cache uses: lists, numbers, dates, entity tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

GREATEST_SECONDS: Final = 2**31
"""The maximum number of seconds; a greater number is replaced with it (RFC 9111 1.2.2)."""

_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH: Final = "(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_SHORT_DAY: Final = "(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAY: Final = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
# RFC 9110 5.6.7: IMF-fixdate, and the obsolete forms of RFC 850 and of C's asctime()
_DATE_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"{_SHORT_DAY}, (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        rf"{_LONG_DAY}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"{_SHORT_DAY} {_MONTH} (?P<day>\d\d| \d) {_TIME} (?P<year>\d{{4}})",
    )
)
_QUOTED: Final = r'"(?:[^"\\]|\\.|\\$)*(?P<end>"|$)'
_QUOTED_STRING: Final = re.compile(_QUOTED)
_LIST_MEMBER: Final = re.compile(rf'(?:{_QUOTED}|[^,"])+')
_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')


def split_list(value: str) -> list[str]:
    """Return the members of a comma-separated list, without empty members.

    A comma inside a quoted string is not a separator (RFC 9110 5.6.1, 5.6.4). If a quoted string is
    not closed, every comma is a separator, so that such a string cannot hide members of the list.
    """
    has_quoted = '"' in value
    if has_quoted and all(match["end"] for match in _QUOTED_STRING.finditer(value)):
        pieces = [match.group() for match in _LIST_MEMBER.finditer(value)]
    else:
        pieces = value.split(",")
    return [member for piece in pieces if (member := piece.strip())]


def parse_delta_seconds(value: str) -> int | None:
    """Return a non-negative number of seconds, or None if the value is not a number.

    Numbers above 2**31 are returned as 2**31 (RFC 9111 1.2.2).
    """
    if not (value.isascii() and value.isdigit()):
        return None
    return GREATEST_SECONDS if len(value.lstrip("0")) > 10 else min(int(value), GREATEST_SECONDS)


def parse_http_date(value: str, now: float) -> float | None:
    """Return an HTTP date as seconds since the epoch, or None if the value is not a date.

    Only the three formats in RFC 9110 5.6.7 are accepted, in upper or lower case. ``now``
    determines the century of a two-digit year.
    """
    for form in _DATE_FORMS:
        match = form.fullmatch(value)
        if match is not None:
            return _seconds(match, now)
    return None


def _seconds(match: re.Match[str], now: float) -> float | None:
    year = int(match["year"])
    if len(match["year"]) == 2:
        this_year = datetime.fromtimestamp(now, UTC).year
        year += this_year // 100 * 100
        # RFC 9110 5.6.7: "a timestamp that appears to be more than 50 years in the future [is]
        # the most recent year in the past that had the same last two digits."
        if year > this_year + 50:
            year -= 100
    month = _MONTHS.index(match["month"].lower()) // 3 + 1
    # RFC 9110 5.6.7 allows the leap second, which datetime does not support
    second = min(int(match["second"]), 59) if match["second"] == "60" else int(match["second"])
    try:
        moment = datetime(
            year,
            month,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return moment.timestamp()


def parse_entity_tags(values: Iterable[str]) -> list[str]:
    """Return the entity tags in an If-None-Match or If-Match field, unchanged.

    Tags without quotes are accepted, too, because some servers send them.
    """
    tags: list[str] = []
    for value in values:
        found = _ENTITY_TAG.findall(value)
        tags.extend(found or split_list(value))
    return tags


def opaque_tag(entity_tag: str) -> str:
    """Return an entity tag without its weakness prefix ``W/`` (RFC 9110 8.8.3.2)."""
    return entity_tag.removeprefix("W/")


def is_strong(entity_tag: str) -> bool:
    """Return whether an entity tag is strong: equal strong tags mean identical bytes."""
    return not entity_tag.startswith("W/")
