"""Patterns for strings, names and paths, and the time that matching takes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.scenario.values.patterns import (
    Matcher,
    matches_text,
    name_matcher,
    path_matcher,
    text_matcher,
)


@given(st.text("ab*?"), st.text("ab"))
def test_text_is_matched_as_by_a_regular_expression(pattern: str, text: str) -> None:
    """In a string pattern, ``*`` matches any string, and no other character is special."""
    expression = re.escape(pattern).replace(r"\*", ".*")
    assert matches_text(text, pattern) is (re.fullmatch(expression, text) is not None)


@given(st.text("ab*?"), st.text("ab"))
def test_name_is_matched_as_by_fnmatch(pattern: str, name: str) -> None:
    """In a name pattern, ``*`` matches any string, and ``?`` any character."""
    assert name_matcher(pattern)(name) is fnmatchcase(name, pattern)


@pytest.mark.parametrize(
    ("pattern", "found", "other"),
    [
        ("six.py", ["six.py"], ["a/six.py", "six.pyc", "sixxpy"]),
        ("lib/*/six.py", ["lib/a/six.py"], ["lib/six.py", "lib/a/b/six.py"]),
        ("lib/**/six.py", ["lib/six.py", "lib/a/six.py", "lib/a/b/six.py"], ["six.py", "lib/x"]),
        ("**/a/**/b*.py", ["a/b.py", "x/a/y/z/bb.py", "a/a/b.py"], ["b.py", "xa/b.py", "a/xb.py"]),
        ("lib/**", ["lib/a", "lib/a/b"], ["lib", "bin/a"]),
        ("**", ["a", "a/b"], []),
        ("lib/./six.py", ["lib/six.py"], ["lib/./six.py"]),
        ("a?c", ["abc", "a.c"], ["ac", "a/c"]),
        ("[a-c]x[!0-9]", ["axb", "bx."], ["dxb", "ax1", "ax/", "a-x"]),
        ("[*]", ["*"], ["a"]),
        ("[", ["["], ["a"]),
        ("*a*b", ["ab", "xaxb", "abab"], ["ba", "a/b"]),
    ],
)
def test_path_is_matched_part_by_part(pattern: str, found: list[str], other: list[str]) -> None:
    """In a path pattern, only the wildcard ``**`` matches a slash."""
    matches = path_matcher(pattern)
    assert [path for path in (*found, *other) if matches(path)] == found


@pytest.mark.parametrize(
    ("make", "pattern", "text"),
    [
        (text_matcher, "*a" * 1000 + "b", "a" * 4000),
        (name_matcher, "*a" * 90 + "b", "a" * 1000),
        (name_matcher, "*?a" * 60 + "b", "a" * 1000),
        (path_matcher, "*a" * 90 + "b/c", "a" * 200 + "/c"),
        (path_matcher, "**/" + "*a" * 40 + "b/**/" + "*a" * 40 + "b", "/".join(["a" * 90] * 200)),
        (path_matcher, "**/a/*/a/*/**/a/*/b", "a/" * 2000 + "c"),
    ],
)
def test_many_wildcards_take_no_longer(
    make: Callable[[str], Matcher], pattern: str, text: str
) -> None:
    """A pattern with many wildcards that does not match fails in less than a second."""
    matches = make(pattern)
    started = time.process_time()
    assert not matches(text)
    assert time.process_time() - started < 1
