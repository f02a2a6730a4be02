"""Ages as users write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_indexcache.system.ages import read_age


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("7 days ago", timedelta(days=7)),
        ("1 hour ago", timedelta(hours=1)),
        ("2 weeks ago", timedelta(days=14)),
        ("7 days", None),
        ("12345 days ago", None),
        ("7 days ago\n", None),
        ("2026-08-01T12:00:00Z", None),
    ],
)
def test_age_is_a_number_of_units(text: str, age: timedelta | None) -> None:
    """An age is parsed from a number with a unit, and any other text is refused."""
    assert read_age(text) == age
