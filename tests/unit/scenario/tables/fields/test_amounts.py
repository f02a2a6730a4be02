"""Sizes, times and counts as single values."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_indexcache.scenario.tables.fields import (
    Moment,
    Wait,
    age_of,
    human_size,
    moment_of,
    seconds_of,
    size_in_bytes,
    written_moment,
)

WAIT = TypeAdapter[str](Wait)
MOMENT: TypeAdapter[datetime | str] = TypeAdapter(Moment)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1.1 s", 1.1), ("50 ms", 0.05), ("3s", 3.0), ("0 s", 0.0), ("2999 ms", 2.999)],
)
def test_a_wait_is_a_time_with_its_unit(text: str, seconds: float) -> None:
    """A wait is parsed in seconds or milliseconds, with or without a space before the unit."""
    assert WAIT.validate_python(text) == text
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.1", '\'1.1\' is not a time such as "1.1 s" or "50 ms"'),
        ("1 min", "'1 min' is not a time"),
        ("-1 s", "'-1 s' is not a time"),
        (".5 s", "'.5 s' is not a time"),
        ("3.1 s", "'3.1 s' is too long: a step can wait at most 3 s"),
        ("3001 ms", "'3001 ms' is too long"),
        ("9999 s", "'9999 s' is too long"),
    ],
)
def test_a_wait_that_is_none_or_too_long_is_refused(text: str, message: str) -> None:
    """A wait without a unit, or of more than three seconds, is refused."""
    with pytest.raises(ValidationError, match=message.replace("(", r"\(")):
        WAIT.validate_python(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (datetime(2026, 8, 1, 12, tzinfo=UTC), 1_785_585_600),
        (datetime(2026, 8, 1, 14, tzinfo=timezone(timedelta(hours=2))), 1_785_585_600),
        ("2026-08-01T12:00:00Z", 1_785_585_600),
        ("3 days ago", 1_785_585_600 - 3 * 86_400),
        ("1 second ago", 1_785_585_599),
        ("2 weeks ago", 1_785_585_600 - 14 * 86_400),
    ],
)
def test_a_moment_is_a_date_or_an_age(value: datetime | str, seconds: float) -> None:
    """A moment is a date and time with a UTC offset, or an age that is counted back from now."""
    assert MOMENT.validate_python(value) == value
    assert moment_of(value, 1_785_585_600) == seconds


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (datetime(2026, 8, 1, 12), "has no offset from UTC: write a Z at its end"),
        ("2026-08-01", "has no offset from UTC"),
        (
            date(2026, 8, 1),
            "2026-08-01 is a date without a time: write, for example, 2026-08-01T00:00:00Z",
        ),
        (
            time(7, 30),
            "07:30:00 is a time without a date: write, for example, 2026-08-01T07:30:00Z",
        ),
        ("yesterday", "'yesterday' is not a moment such as 2026-08-01T12:00:00Z"),
        ("3 years ago", "'3 years ago' is not a moment"),
        ("9999 weeks ago", "'9999 weeks ago' is not between 1970 and 2100"),
        ("2101-01-01T00:00:00Z", "is not between 1970 and 2100"),
    ],
)
def test_a_moment_that_is_none_is_refused(value: date | time | str, message: str) -> None:
    """Times without a zone, and dates that archives cannot represent, are refused."""
    with pytest.raises(ValidationError, match=message):
        MOMENT.validate_python(value)


@pytest.mark.parametrize(
    ("value", "age", "written"),
    [
        (
            datetime(2026, 8, 1, 14, tzinfo=timezone(timedelta(hours=2))),
            None,
            "2026-08-01T12:00:00Z",
        ),
        ("2026-08-01T12:00:00Z", None, "2026-08-01T12:00:00Z"),
        ("2 weeks ago", timedelta(days=14), "2 weeks ago"),
    ],
)
def test_a_moment_is_written_as_installers_read_it(
    value: datetime | str, age: timedelta | None, written: str
) -> None:
    """A date is passed to installers in UTC, and an age is passed as an age."""
    assert (age_of(value), written_moment(value)) == (age, written)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (11_500, "11.2 KiB"),
        (256 << 20, "256 MiB"),
        (175.4 * (1 << 20), "175.4 MiB"),
        (15 << 40, "15360 GiB"),
    ],
)
def test_size_has_the_largest_unit_that_gives_one(size: float, text: str) -> None:
    """A small size is never shown as zero of a larger unit, and can be used in a scenario."""
    assert human_size(size) == text
    assert size_in_bytes(text) == pytest.approx(size, rel=0.01)
