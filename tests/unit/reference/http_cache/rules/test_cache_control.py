"""Cache-Control directives, valid and invalid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives


def directives(*lines: str) -> Directives:
    """Parse the directives of Cache-Control lines."""
    return Directives.of(Headers(tuple(("Cache-Control", line) for line in lines)))


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("max-age=60", 60),
        ("MaX-aGe=60", 60),
        ('max-age="60"', 60),
        (r'max-age="6\0"', 60),
        ("max-age=0060", 60),
        ("public, max-age=60", 60),
        ("max-age=60, max-age=5", 60),
        ('extension="max-age=3600", max-age=60', 60),
        ("no-store", None),
        ("max-age", None),
        ("max-age=", None),
        ("max-age=-60", None),
        ("max-age=60.0", None),
        ("max-age=60s", None),
        ("max-age='60'", None),
        ("max-age =60", None),
        ("max-age= 60", None),
        ("max-age=x, max-age=60", None),
    ],
)
def test_an_argument_in_seconds_is_a_number(line: str, seconds: int | None) -> None:
    """The first of repeated directives applies, and one with an invalid number is not ignored."""
    assert directives(line).seconds("max-age") == seconds
    assert ("max-age" in directives(line)) is ("max-age" in line.lower())


def test_several_lines_are_one_list() -> None:
    """Directives of several Cache-Control lines are combined (RFC 9110 5.3)."""
    found = directives("max-age=60", "no-store")
    assert found.seconds("max-age") == 60
    assert "no-store" in found


def test_an_unknown_directive_does_no_harm() -> None:
    """An unknown directive has no effect on the known directives (5.2.3)."""
    found = directives('foobar, community="UCI", max-age=60, =, "", x="')
    assert found.seconds("max-age") == 60


def test_a_directive_hidden_in_an_open_quote_counts() -> None:
    """A Cache-Control directive after an unclosed quote is still recognised."""
    assert "no-store" in directives('extension="x, no-store')


@pytest.mark.parametrize(
    ("line", "unqualified", "fields"),
    [
        ("no-cache", True, ()),
        ('no-cache=""', True, ()),
        ('no-cache="set-cookie"', False, ("set-cookie",)),
        ('no-cache="a, b"', False, ("a", "b")),
        ("no-cache=a", False, ("a",)),
        ("max-age=1", False, ()),
    ],
)
def test_no_cache_speaks_of_all_or_of_fields(
    line: str, unqualified: bool, fields: tuple[str, ...]
) -> None:
    """A no-cache directive without field names applies to the whole response (5.2.2.4)."""
    found = directives(line)
    assert found.is_unqualified("no-cache") is unqualified
    assert found.field_names("no-cache") == fields


@given(st.lists(st.text(), max_size=3))
def test_no_value_breaks_the_reading(lines: list[str]) -> None:
    """Any value of Cache-Control is parsed without an exception."""
    found = directives(*lines)
    for name in found.arguments:
        found.seconds(name)
        found.field_names(name)
