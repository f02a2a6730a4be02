"""Counts and sizes, and the numbers that they match."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.tables.counts import amount_in_bytes, holds


@pytest.mark.parametrize(
    ("expected", "seen", "held"),
    [
        (2, 2, True),
        (2, 3, False),
        ("any", 7, True),
        ("<= 2", 2, True),
        ("< 2", 2, False),
        (">= 1", 0, False),
        (">0", 1, True),
        ("!= 1", 1, False),
        ("== 1", 1, True),
    ],
)
def test_count_is_a_number_or_a_comparison(expected: int | str, seen: int, held: bool) -> None:
    """A count matches an equal number, or any number for which its comparison holds."""
    assert holds(expected, seen) is held


def test_a_count_that_is_none_is_an_error() -> None:
    """A string that is not a count raises an error in a comparison."""
    with pytest.raises(ValueError, match="not a count"):
        holds("many", 1)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (7, 7),
        ("any", "any"),
        ("1 KiB", "== 1024"),
        ("<= 1.5 kB", "<= 1500"),
        (">0B", "> 0"),
    ],
)
def test_amount_is_a_count_of_bytes(amount: int | str, expected: int | str) -> None:
    """A size with a unit, with or without a comparison, is converted to bytes."""
    assert amount_in_bytes(amount) == expected


def test_an_amount_without_a_unit_is_an_error() -> None:
    """A string that is not a size raises an error when it is converted."""
    with pytest.raises(ValueError, match="not a size"):
        amount_in_bytes("<= 5")
