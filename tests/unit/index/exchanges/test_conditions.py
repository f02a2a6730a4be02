"""Evaluation of conditional requests and ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.index.exchanges.conditions import (
    is_not_modified,
    is_range_applicable,
    requested_part,
)
from pytest_indexcache.messages import Headers, Request, http_date

MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT"
BOTH = {"ETag": '"a"', "Last-Modified": MODIFIED}


def request(**fields: str) -> Request:
    """Return a request with header fields; underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Request("GET", "https://pypi.org/simple/a/", Headers.of(named))


@pytest.mark.parametrize(
    ("fields", "headers", "expected"),
    [
        ({}, BOTH, False),
        ({"If_None_Match": '"a"'}, BOTH, True),
        ({"If_None_Match": 'W/"a"'}, BOTH, True),
        ({"If_None_Match": '"a"'}, {"ETag": 'W/"a"'}, True),
        ({"If_None_Match": '"b"'}, BOTH, False),
        ({"If_None_Match": '"b", W/"c" ,"a"'}, BOTH, True),
        ({"If_None_Match": '"b,c", "d"'}, {"ETag": '"b,c"'}, True),
        ({"If_None_Match": '"b,c"'}, {"ETag": '"b'}, False),
        ({"If_None_Match": "*"}, BOTH, True),
        ({"If_None_Match": " * "}, {}, True),
        ({"If_None_Match": '"a"'}, {}, False),
        ({"If_None_Match": ""}, BOTH, False),
        ({"If_None_Match": "eac72a"}, {"ETag": "eac72a"}, True),
        ({"If_None_Match": "eac72a"}, {"ETag": "eac72b"}, False),
        ({"If_None_Match": '"{SHA1{6e0f}}"'}, {"ETag": '"{SHA1{6e0f}}"'}, True),
        ({"If_None_Match": '"b"', "If_Modified_Since": MODIFIED}, BOTH, False),
        ({"If_None_Match": '"a"', "If_Modified_Since": http_date(0)}, BOTH, True),
        ({"If_Modified_Since": MODIFIED}, BOTH, True),
        ({"If_Modified_Since": "Mon, 01 Jan 2024 00:00:01 GMT"}, BOTH, True),
        ({"If_Modified_Since": "Sun, 31 Dec 2023 23:59:59 GMT"}, BOTH, False),
        ({"If_Modified_Since": "Monday, 01-Jan-24 00:00:00 GMT"}, BOTH, True),
        ({"If_Modified_Since": "Mon Jan  1 00:00:00 2024"}, BOTH, True),
        ({"If_Modified_Since": MODIFIED}, {"ETag": '"a"'}, False),
        ({"If_Modified_Since": "yesterday"}, BOTH, False),
        ({"If_Modified_Since": "Mon, 01 Jan 99999 00:00:00 GMT"}, BOTH, False),
    ],
)
def test_304_is_due_where_a_validator_matches(
    fields: dict[str, str], headers: dict[str, str], expected: bool
) -> None:
    """ETags are compared weakly, and take precedence over dates (RFC 9110 13.2.2)."""
    assert is_not_modified(request(**fields), Headers.of(headers)) is expected


@given(st.text(), st.text())
def test_any_condition_is_answered(match: str, since: str) -> None:
    """A condition of any form is evaluated without an error."""
    asked = request(If_None_Match=match, If_Range=match)
    assert is_not_modified(asked, Headers.of({"ETag": match})) in {True, False}
    assert is_not_modified(request(If_Modified_Since=since), Headers.of(BOTH)) in {True, False}
    assert is_range_applicable(asked, Headers.of(BOTH)) in {True, False}


@pytest.mark.parametrize(
    ("condition", "headers", "expected"),
    [
        ("", BOTH, True),
        ('"a"', BOTH, True),
        ('"b"', BOTH, False),
        ('W/"a"', {"ETag": 'W/"a"'}, False),
        ('"a"', {"ETag": 'W/"a"'}, False),
        (MODIFIED, BOTH, True),
        ("Mon, 01 Jan 2024 00:00:01 GMT", BOTH, False),
        (MODIFIED, {}, False),
    ],
)
def test_range_holds_where_its_condition_does(
    condition: str, headers: dict[str, str], expected: bool
) -> None:
    """If-Range compares ETags strongly and dates exactly (RFC 9110 13.1.5)."""
    assert is_range_applicable(request(If_Range=condition), Headers.of(headers)) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("bytes=2-", (2, 10)),
        ("bytes=2-99", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=-0", (10, 10)),
        ("bytes=10-", (10, 10)),
        ("bytes=10-20", (10, 10)),
        ("BYTES = 1-2", (1, 3)),
        (f"bytes=0-{'9' * 90}", (0, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("0-1", None),
        (f"bytes=0-{'9' * 9000}", None),
        ("bytes=\u0661-2", None),
    ],
)
def test_range_is_a_part_or_is_not_understood(field: str, expected: tuple[int, int] | None) -> None:
    """A range beyond the end is empty; an invalid Range gives the whole file (RFC 9110 14.2)."""
    assert requested_part(request(Range=field), 10) == expected


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_part_is_what_slicing_gives(length: int, first: int, last: int) -> None:
    """Single, open and suffix ranges select the same bytes as Python slices."""
    data = bytes(range(length))

    def part(field: str) -> bytes | None:
        bounds = requested_part(request(Range=field), length)
        return data[bounds[0] : bounds[1]] if isinstance(bounds, tuple) else None

    assert part(f"bytes={first}-") == data[first:]
    assert part(f"bytes=-{last}") == (data[-last:] if last else b"")
    assert part(f"bytes={first}-{last}") == (None if last < first else data[first : last + 1])
