"""Lists and counts in the sentences of causes."""

from __future__ import annotations

import pytest

from pytest_indexcache.run.causes.facts.wording import listed, times


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_names_are_joined_and_cut(names: list[str], text: str) -> None:
    """A list of more than three names ends with the number of names left out."""
    assert listed(names) == text


def test_once_and_twice_have_words() -> None:
    """The counts one and two are written ``once`` and ``twice``."""
    assert [times(count) for count in (1, 2, 16)] == ["once", "twice", "16 times"]
