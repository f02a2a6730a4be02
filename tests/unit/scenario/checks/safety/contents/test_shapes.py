"""Shapes of TOML files, and values that are compared with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.safety.contents.shapes import misfits, shapes
from pytest_indexcache.scenario.values.kinds import KINDS
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(frozenset({HostPort("a.example", 443)}), frozenset({"six"}))


def words_of(shape: Mapping[str, Any]) -> Iterator[str]:
    """Yield every word in a shape and its nested tables, including kinds in ``<kind>`` keys."""
    for key, allowed in shape.items():
        if key.startswith("<"):
            yield key[1:-1]
        if isinstance(allowed, Mapping):
            yield from words_of(allowed)
        elif key == "+":
            yield f"@{allowed}"
        elif not allowed.startswith("!"):
            yield from (word.strip("[]{}") for word in allowed.split("|"))


@pytest.mark.parametrize("name", sorted(shapes()))
def test_words_of_a_shape_are_known(name: str) -> None:
    """Every word in a shape is a kind of value or a shape, and each refusal has a reason."""
    for word in words_of(shapes()[name]):
        assert (
            word in ("any", "line", "unread") or word in KINDS or word.removeprefix("@") in shapes()
        ), word


def test_shapes_are_all_used() -> None:
    """Every shape is used for a file or within another shape."""
    named = {word[1:] for shape in shapes().values() for word in words_of(shape) if word[0] == "@"}
    files = {name for name in shapes() if re.search(r"\.(toml|lock)$", name)}
    assert named | files == set(shapes())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"cache-dir": "cache", "offline": True, "concurrent-builds": 1}, []),
        ({"cache-dir": 5}, []),
        ({"cache-dir": ["cache"]}, ["cache-dir: is an array, and not a folder within"]),
        ({"cache-dir": {"x": "y"}}, ["cache-dir: is a table, and not a folder within"]),
        ({"index": "x"}, ["index: is the string 'x', and not an array or a table"]),
        ({"index": [{"url": "https://a.example"}, {"url": "/x"}]}, ["index[2].url: '/x' is not"]),
        ({"index": [["x"]]}, ["index[1]: is an array, and not a table"]),
        ({"extra-index-url": "../x"}, []),
        ({"extra-index-url": ["https://a.example/x", "../.."]}, ["extra-index-url[2]: '../..'"]),
        ({"pip": "x"}, ["pip: is the string 'x', and not an array or a table"]),
        ({"pip": {"target": "x", "x": 1}}, ["pip.target: is not allowed", "pip.x: not a key"]),
        ({"extra-build-dependencies": ["x"]}, ["extra-build-dependencies: is an array, and not"]),
        ({"config-settings": {"a": "b", "c": "/d"}}, ["config-settings.c: '/d' is not a plain"]),
        ({"cache-keys": ["src/**/*.rs", {"file": "x"}]}, []),
        ({"cache_dir": "x"}, ["cache_dir: not a key that a scenario's file may have"]),
    ],
)
def test_value_is_held_against_its_shape(value: dict[str, Any], expected: list[str]) -> None:
    """A value that does not fit its shape is reported with its key path."""
    told = [str(misfit) for misfit in misfits(value, "uv.toml", REACH)]
    assert len(told) == len(expected)
    assert all(text.startswith(start) for text, start in zip(told, expected, strict=True)), told


def test_unknown_key_has_the_nearest_as_a_hint() -> None:
    """A misspelt key is reported with the most similar known key."""
    (misfit,) = misfits({"cachedir": "x"}, "uv.toml", REACH)
    assert str(misfit.hint) == "did you mean 'cache-dir'?"
