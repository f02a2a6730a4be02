"""Releases in the order of versions, and ranges of neighbouring releases."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.words.releases import in_order, range_of, range_text, ranges, span_of


def test_releases_are_sorted_as_versions() -> None:
    """Release 0.10 comes after 0.9, repeated releases are merged, and other text comes last."""
    assert in_order(["0.10.0", "0.9.1", "main", "0.9.1", "0.9.0"]) == [
        "0.9.0",
        "0.9.1",
        "0.10.0",
        "main",
    ]


def test_neighbours_that_agree_are_one_range() -> None:
    """A verdict that returns after another one begins a new range."""
    verdicts = [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a")]
    runs = ranges(verdicts, lambda pair: pair[1])
    assert [[release for release, _ in run] for run in runs] == [["1", "2"], ["3"], ["4"]]


@pytest.mark.parametrize(
    ("releases", "text"), [(["0.8.1"], "0.8.1"), (["0.8.1", "0.8.2", "0.9.0"], "0.8.1 - 0.9.0")]
)
def test_range_names_its_ends(releases: list[str], text: str) -> None:
    """A range is named by its two ends, and a range of one release by this release."""
    assert range_text(releases) == text


@pytest.mark.parametrize(
    ("installer", "releases", "text", "span"),
    [
        ("uv", ["0.8.1"], "uv 0.8.1", "0.8.1"),
        ("uv", ["0.8.1", "0.9.0"], "uv 0.8.1 - 0.9.0", "0.8.1 - 0.9.0"),
        ("uv", ["uv"], "uv", ""),
        ("uv (wire)", ["uv"], "uv (wire)", ""),
        ("uv@target/uv", ["uv@target/uv"], "uv@target/uv", ""),
    ],
)
def test_installer_without_a_known_release_is_named_once(
    installer: str, releases: list[str], text: str, span: str
) -> None:
    """A spec without a release is not printed a second time as its own release."""
    assert (range_of(installer, releases), span_of(installer, releases)) == (text, span)
