"""Placeholders in files of a scenario."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.values.placeholders import (
    filled_length,
    names_in,
    with_filled,
    with_samples,
)

WHEEL = "six-1.0+cpu-py3-none-any.whl"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        (f"a ${{sha256:{WHEEL}}} b", f"a <sha256 {WHEEL}> b"),
        (f"${{url:{WHEEL}}}${{size:{WHEEL}}}", f"<url {WHEEL}><size {WHEEL}>"),
        ("${sha256:unknown.whl}", "${sha256:unknown.whl}"),
        ("${sha1:x.whl} ${HOME} ${url:../x} $sha256", "${sha1:x.whl} ${HOME} ${url:../x} $sha256"),
    ],
)
def test_a_placeholder_is_of_a_kind_and_names_a_file(text: str, filled: str) -> None:
    """An unknown placeholder, or a placeholder for an unknown file, is not replaced."""
    assert with_filled(text, lambda k, name: f"<{k} {name}>" if name == WHEEL else None) == filled


def test_samples_are_what_a_play_could_write() -> None:
    """The samples of placeholders are a hash of zeros, the size 0 and a URL on an index."""
    text = "${sha256:a.whl} ${size:a.whl} ${url:a.whl}"
    assert with_samples(text, "https://i.example/") == f"{'0' * 64} 0 https://i.example/a.whl"
    assert list(names_in(text)) == ["a.whl"] * 3


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("plain", 5),
        ("${sha256:a.whl}", 64),
        ("a${url:a.whl}b${url:a.whl}", 2002),
        ("${md5:a.whl}", 32),
        ("${sha1:a.whl}", 13),
    ],
)
def test_filled_length_is_that_of_what_is_filled_in(text: str, length: int) -> None:
    """The length that is computed for a text with placeholders equals that of the filled text."""
    assert filled_length(text, {"a.whl": 1000}.__getitem__) == length
