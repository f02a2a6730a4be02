"""Range requests, and stored responses that can answer them."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.rules.cache_freshness import ByteRange, StoredResponse
from pytest_indexcache.reference.http_cache.rules.cache_ranges import (
    content_range,
    holds,
    requested_part,
    wants_whole,
)

URL = "https://files.pythonhosted.org/a.whl"


def request(*fields: tuple[str, str], method: str = "GET") -> Request:
    """Return a request for the file."""
    return Request(method, URL, Headers(fields))


def stored(
    *fields: tuple[str, str], status: int = 200, part: ByteRange | None = None
) -> StoredResponse:
    """Return a stored response for the file."""
    return StoredResponse(URL, status, Headers(fields), 0.0, 0.0, (), part)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("bytes=0-1", (0, 1)),
        ("bytes=2-", (2, 9)),
        ("bytes=2-99", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
        ("Bytes=0-0", (0, 0)),
        ("bytes=5-4", None),
        ("bytes=10-", None),
        ("bytes=-0", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_a_single_range_is_found_in_a_body_of_ten_bytes(
    value: str, part: tuple[int, int] | None
) -> None:
    """One satisfiable range or suffix is parsed, and a set of several ranges is ignored."""
    expected = None if part is None else ByteRange(*part, 10)
    assert requested_part(request(("Range", value)), 10) == expected


def test_only_get_has_ranges() -> None:
    """A Range in a request other than GET is ignored (RFC 9110 14.2)."""
    assert requested_part(request(("Range", "bytes=0-1"), method="HEAD"), 10) is None


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("bytes 4-8/10", ByteRange(4, 8, 10)),
        ("bytes 0-9/10", ByteRange(0, 9, 10)),
        ("bytes 0-9/*", None),
        ("bytes */10", None),
        ("bytes 5-4/10", None),
        ("bytes 5-10/10", None),
        ("nonsense", None),
    ],
)
def test_a_content_range_is_usable_or_not(value: str, part: ByteRange | None) -> None:
    """A Content-Range is usable only if its numbers are known and consistent."""
    assert content_range(Headers.of({"Content-Range": value})) == part


@pytest.mark.parametrize(
    ("fields", "whole"),
    [
        ([], True),
        ([("Range", "bytes=0-1")], False),
        ([("Range", "bytes=0-1"), ("If-Range", '"a"')], False),
        ([("Range", "bytes=0-1"), ("If-Range", '"b"')], True),
        ([("Range", "bytes=0-1"), ("If-Range", 'W/"a"')], True),
        ([("Range", "bytes=0-1"), ("If-Range", "Thu, 18 Aug 2022 02:01:18 GMT")], False),
        ([("Range", "bytes=0-1"), ("If-Range", "Thu, 18 Aug 2022 02:01:19 GMT")], True),
    ],
)
def test_if_range_turns_a_range_into_the_whole(fields: list[tuple[str, str]], whole: bool) -> None:
    """If If-Range differs from the stored validator, the whole body is sent."""
    response = stored(("ETag", '"a"'), ("Last-Modified", "Thu, 18 Aug 2022 02:01:18 GMT"))
    assert wants_whole(request(*fields), response) is whole


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("bytes=4-8", True),
        ("bytes=5-7", True),
        ("bytes=3-5", False),
        ("bytes=5-", False),
        ("bytes=-2", False),
        (None, False),
    ],
)
def test_a_part_answers_only_what_lies_within_it(value: str | None, held: bool) -> None:
    """A stored partial response answers only ranges within its range (3.3)."""
    asked = request() if value is None else request(("Range", value))
    assert holds(stored(status=206, part=ByteRange(4, 8, 10)), asked, 5) is held


def test_a_whole_response_holds_itself_and_its_ranges() -> None:
    """A stored 200 answers a request without a range, and one with any satisfiable range."""
    assert holds(stored(), request(), 10)
    assert holds(stored(), request(("Range", "bytes=0-1")), 10)
    assert holds(stored(), request(("Range", "bytes=0-1"), method="HEAD"), 10)
    assert not holds(stored(), request(("Range", "bytes=10-")), 10)
    assert not holds(stored(status=404), request(("Range", "bytes=0-1")), 10)
