"""The JSON and TOML parsers raise ValueError for every invalid text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_indexcache.data_formats import DEEPEST_KEY, find_long_key, loads_json, loads_toml

QUOTED = r'"\""'
"""A part of a key that is a quotation mark."""

DEEP = 100_000


@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, "[{" * DEEP, b"[" * DEEP])
def test_deeply_nested_json_is_a_value_error(text: str | bytes) -> None:
    """JSON with too deep nesting raises ValueError instead of RecursionError."""
    with pytest.raises(ValueError, match=r"nested too deeply|Expecting"):
        loads_json(text)


@pytest.mark.parametrize("text", [f"a = {'[' * DEEP}", f"a = {'{a=' * DEEP}"])
def test_deeply_nested_toml_is_a_value_error(text: str) -> None:
    """TOML with too deep nesting raises ValueError instead of RecursionError."""
    with pytest.raises(ValueError, match="nested too deeply"):
        loads_toml(text)


@pytest.mark.parametrize(
    ("loads", "text"),
    [
        (loads_json, "{"),
        (loads_json, b"\xff\xfe\xff"),
        (loads_json, "9" * 5000),
        (loads_toml, "a = "),
        (loads_toml, f"a = {'9' * 5000}"),
        (loads_toml, "a." * 200_000 + "a = 1"),
    ],
)
def test_wrong_text_is_a_value_error(loads: Callable[[str | bytes], object], text: str) -> None:
    """Syntax errors, wrong encodings, and too long numbers or keys raise ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        loads(text)


def test_right_text_is_its_value() -> None:
    """A valid JSON or TOML text is parsed to its value."""
    assert loads_json(b'{"a": [1]}') == {"a": [1]}
    assert loads_toml("a.b = [1]") == {"a": {"b": [1]}}


def test_long_key_is_found_where_it_begins() -> None:
    """The position of a dotted key with more than 64 parts is found."""
    assert find_long_key(".".join("a" * DEEPEST_KEY) + " = 1") is None
    assert find_long_key(f"[{'.'.join([QUOTED] * (DEEPEST_KEY + 1))}]") == 1
    assert find_long_key("x = 1\n" + ".".join("a" * (DEEPEST_KEY + 1)) + " = 1") == 6
