"""Strict parsers for lists, numbers, dates and entity tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.messages import http_date
from pytest_indexcache.reference.http_cache.rules.header_values import (
    GREATEST_SECONDS,
    opaque_tag,
    parse_delta_seconds,
    parse_entity_tags,
    parse_http_date,
    split_list,
)

NOW = 1_700_000_000.0  # 2023-11-14


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("a, b", ["a", "b"]),
        (" a ,, b ,", ["a", "b"]),
        ("", []),
        ('a="x, y", b', ['a="x, y"', "b"]),
        (r'a="x\", y", b', [r'a="x\", y"', "b"]),
        ('a="x, b', ['a="x', "b"]),
        ('a="x\\', ['a="x\\']),
    ],
)
def test_a_list_is_split_at_commas_outside_quoted_strings(value: str, members: list[str]) -> None:
    """A list field is split at commas outside quotes, and empty members are dropped."""
    assert split_list(value) == members


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("3600", 3600),
        ("003600", 3600),
        ("2147483649", GREATEST_SECONDS),
        ("9" * 5000, GREATEST_SECONDS),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1a", None),
        (" 1", None),
        ("", None),
        ("\u0661", None),
        ("\u00b2", None),
    ],
)
def test_only_digits_are_a_number_of_seconds(value: str, seconds: int | None) -> None:
    """Only ASCII digits are parsed as seconds, and numbers are limited to 2**31."""
    assert parse_delta_seconds(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 18 Aug 2050 02:01:18 GMT",
        "thu, 18 AUG 2050 02:01:18 gmt",
        "Thursday, 18-Aug-50 02:01:18 GMT",
        "Thu Aug 18 02:01:18 2050",
    ],
)
def test_all_three_forms_of_a_date_are_read(value: str) -> None:
    """IMF-fixdate, RFC 850 and asctime dates are parsed, in upper and lower case."""
    assert parse_http_date(value, NOW) == 2_544_400_878.0


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "",
        "Thu, 18 Aug 2050 02:01:18 UTC",
        "Thu, 18 Aug 2050 02:01:18 +0000",
        "Thu, 18 Aug 50 02:01:18 GMT",
        "Thu 18 Aug 2050 02:01:18 GMT",
        "Thu, 18  Aug  2050 02:01:18 GMT",
        "Thu, 18-Aug-2050 02:01:18 GMT",
        "Thu, 18 Aug 2050 02.01.18 GMT",
        "Thu, 18 Aug 2050 2:01:18 GMT",
        "Thu, 31 Feb 2050 02:01:18 GMT",
        "Thu, 18 Aug 2050 25:01:18 GMT",
        "Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:19 GMT",
        "Thu, 00 Aug 0000 02:01:18 GMT",
    ],
)
def test_what_only_resembles_a_date_is_none(value: str) -> None:
    """A date with a wrong zone, separator, width or day is refused."""
    assert parse_http_date(value, NOW) is None


def test_a_year_of_two_digits_is_no_more_than_fifty_years_ahead() -> None:
    """A two-digit year is interpreted as at most fifty years in the future."""
    ahead = parse_http_date("Thursday, 18-Aug-73 02:01:18 GMT", NOW)
    behind = parse_http_date("Thursday, 18-Aug-74 02:01:18 GMT", NOW)
    assert ahead is not None
    assert behind is not None
    assert ahead > NOW > behind


def test_a_leap_second_is_a_date() -> None:
    """A leap second (60) is parsed as second 59."""
    with_leap = parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW)
    assert with_leap == parse_http_date("Sat, 31 Dec 2016 23:59:59 GMT", NOW)


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_a_date_that_was_written_is_read_again(moment: int) -> None:
    """A date that ``http_date`` writes is parsed back to the same time."""
    assert parse_http_date(http_date(moment), NOW) == moment


@given(st.text())
def test_no_value_breaks_the_readers(value: str) -> None:
    """Any value of a header field is parsed without an exception."""
    split_list(value)
    parse_delta_seconds(value)
    parse_http_date(value, NOW)
    parse_entity_tags([value])


@pytest.mark.parametrize(
    ("values", "tags"),
    [
        (['"a", W/"b"'], ['"a"', 'W/"b"']),
        (['"a,b"', '"c"'], ['"a,b"', '"c"']),
        (["abc"], ["abc"]),
        (["*"], ["*"]),
    ],
)
def test_entity_tags_are_read_from_every_line(values: list[str], tags: list[str]) -> None:
    """Quoted, weak and unquoted entity tags are parsed from all lines of a field."""
    assert parse_entity_tags(values) == tags


def test_the_opaque_tag_has_no_mark_of_weakness() -> None:
    """The opaque tag of a weak ETag does not include the prefix ``W/``."""
    assert opaque_tag('W/"a"') == opaque_tag('"a"') == '"a"'
