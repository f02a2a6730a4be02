"""Times: dates with a time of day, or ages that are counted back from now."""

from __future__ import annotations

import pytest

from pytest_indexcache.reference.words.moments import read_moment, read_upload_time

NOW = 1_785_585_600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-08-01T12:00:00Z", NOW),
        ("2026-08-01T14:00:00+02:00", NOW),
        ("7 days", NOW - 7 * 86_400),
        ("7 days ago", NOW - 7 * 86_400),
        ("1 hour ago", NOW - 3_600),
    ],
)
def test_a_moment_is_a_date_or_an_age(text: str, seconds: float) -> None:
    """A time is a date, or an age that is counted back from now, with or without "ago"."""
    assert read_moment(text, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", "'yesterday' is not a moment such as 2026-08-01T12:00:00Z, or '7 days ago'"),
        ("2026-08-01", "'2026-08-01' has no offset from UTC: write a Z at its end"),
    ],
)
def test_a_text_that_is_no_moment_is_refused(text: str, message: str) -> None:
    """A string that is not a time, or has no offset from UTC, is refused."""
    with pytest.raises(ValueError, match=message):
        read_moment(text, NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-08-01T12:00:00.5Z", NOW + 0.5),
        ("2026-08-01T12:00:00", None),
        ("soon", None),
        (17, None),
        (None, None),
    ],
)
def test_an_upload_time_that_cannot_be_read_is_none(value: object, seconds: float | None) -> None:
    """An upload time that is not UTC with a Z counts as missing (PEP 700)."""
    assert read_upload_time(value) == seconds
