"""Selections of projects."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from pytest_indexcache.reference.words.selection import EVERYTHING, NOTHING, Selection

DEMO = canonicalize_name("demo-one")


def test_all_none_or_some_are_chosen() -> None:
    """The names in a selection are normalised; True selects every project, and False none."""
    assert DEMO in Selection.of(["Demo_One"])
    assert DEMO not in Selection.of(["other"])
    assert DEMO in EVERYTHING
    assert DEMO not in NOTHING
    assert Selection.of(True) == EVERYTHING
    assert Selection.of(False) == NOTHING


def test_only_an_empty_choice_is_false() -> None:
    """Only an empty selection counts as false."""
    assert not NOTHING
    assert not Selection.of([])
    assert EVERYTHING
    assert Selection.of(["a"])


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ([], NOTHING),
        (["Demo_One,b", " c "], Selection.of(["demo-one", "b", "c"])),
        ([":all:"], EVERYTHING),
        ([":all:", ":none:"], NOTHING),
        ([":none:,b"], Selection.of(["b"])),
        (["b,:none:"], NOTHING),
    ],
)
def test_formats_are_read_as_pip_reads_them(texts: list[str], chosen: Selection) -> None:
    """Format options separate names by commas, with the keywords ``:all:`` and ``:none:``."""
    assert Selection.of_formats(texts) == chosen


def test_choices_are_joined() -> None:
    """The union of two selections contains the projects of both selections."""
    assert Selection.of(["a"]) | Selection.of(["b"]) == Selection.of(["a", "b"])
    assert DEMO in Selection.of(["a"]) | EVERYTHING
