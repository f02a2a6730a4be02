"""The wording of values and of names in messages."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.scenario.findings import finding as findings
from pytest_indexcache.scenario.findings.finding import key_path
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.words import wording
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, found, shown


def test_examples_in_docstrings() -> None:
    """The doctests of the module pass."""
    for module in (wording, findings):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (5, "the number 5"),
        (1.5, "the number 1.5"),
        pytest.param(10**10000, "the number 0x", id="a number of 10,000 digits"),
        ("a\x1bb", r"the string 'a\x1bb'"),
        ("x" * 100, f"the string '{'x' * 59}…'"),
        ([1], "an array"),
        ({}, "a table"),
        (date(2025, 1, 2), "the date or time 2025-01-02"),
        (time(1, 2), "the date or time 01:02:00"),
        (
            datetime(2025, 1, 2, 3, tzinfo=UTC),
            "the date or time 2025-01-02 03:00:00+00:00",
        ),
        (None, "nothing"),
    ],
)
def test_found(value: object, text: str) -> None:
    """A value of the wrong type is described by the names of TOML types."""
    assert found(value).startswith(text)


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_alternatives(names: list[str], text: str) -> None:
    """Alternatives in a message are joined with commas and a conjunction."""
    assert alternatives(names) == text


def test_suggestions() -> None:
    """The hint for an unknown name is the most similar name, a list of all names, or empty."""
    assert str(Suggestion("torhc", {"torch", "jax"})) == "did you mean 'torch'?"
    assert str(Suggestion("numpy", {"torch", "jax"})) == "known: jax, torch"
    assert str(Suggestion("numpy", {"torch"}, what="")) == ""
    assert str(Suggestion("numpy", ())) == ""
    many = str(Suggestion("zzz", [f"project-{number:03}" for number in range(40)]))
    assert many.endswith("project-029, …")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("steps", 0, "do"), "steps[1].do"),
        (("a", "2.8.0+cpu", "x y"), 'a."2.8.0+cpu"."x y"'),
        (("a\x1b[2J",), r'"a\x1b[2J"'),
        (("a" * 100,), f'"{"a" * 59}…"'),
        (("",), '""'),
    ],
)
def test_key_path(path: Path, text: str) -> None:
    """A key path is written in TOML syntax, with array positions counted from 1."""
    assert key_path(path) == text


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_VALUES, st.lists(st.text() | st.integers(0, 5)).map(tuple))
def test_whatever_is_shown_is_printable(value: object, path: Path) -> None:
    """Any value is shown as a short text without control characters."""
    for text in (found(value), shown(value)):
        assert text.isprintable()
        assert len(text) < 700
    assert key_path(path).isprintable()
