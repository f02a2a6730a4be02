"""Sizes, times and counts, each checked by itself."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_indexcache.scenario.tables.fields import Wait, seconds_of

WAIT = TypeAdapter[str](Wait)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1.1 s", 1.1), ("50 ms", 0.05), ("3s", 3.0), ("0 s", 0.0), ("2999 ms", 2.999)],
)
def test_a_wait_is_a_time_with_its_unit(text: str, seconds: float) -> None:
    """Seconds and milliseconds are understood, with a space before the unit or without."""
    assert WAIT.validate_python(text) == text
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.1", '\'1.1\' is not a time such as "1.1 s" or "50 ms"'),
        ("1 min", "'1 min' is not a time"),
        ("-1 s", "'-1 s' is not a time"),
        (".5 s", "'.5 s' is not a time"),
        ("3.1 s", "'3.1 s' is too long: a step waits 3 s at most"),
        ("3001 ms", "'3001 ms' is too long"),
        ("9999 s", "'9999 s' is too long"),
    ],
)
def test_a_wait_that_is_none_or_too_long_is_refused(text: str, message: str) -> None:
    """A wait has a unit, and is at most three seconds."""
    with pytest.raises(ValidationError, match=message.replace("(", r"\(")):
        WAIT.validate_python(text)
