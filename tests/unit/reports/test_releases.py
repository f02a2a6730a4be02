"""Releases in the order of versions, and runs of them as ranges."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.releases import in_order, range_of, range_text, ranges, span_of


def test_releases_are_sorted_as_versions() -> None:
    """0.10 comes after 0.9, a release that is named twice stays once, other text comes last."""
    assert in_order(["0.10.0", "0.9.1", "main", "0.9.1", "0.9.0"]) == [
        "0.9.0",
        "0.9.1",
        "0.10.0",
        "main",
    ]


def test_neighbours_that_agree_are_one_range() -> None:
    """A verdict that comes back later begins a range of its own."""
    verdicts = [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a")]
    runs = ranges(verdicts, lambda pair: pair[1])
    assert [[release for release, _ in run] for run in runs] == [["1", "2"], ["3"], ["4"]]


@pytest.mark.parametrize(
    ("releases", "text"), [(["0.8.1"], "0.8.1"), (["0.8.1", "0.8.2", "0.9.0"], "0.8.1 - 0.9.0")]
)
def test_range_names_its_ends(releases: list[str], text: str) -> None:
    """A range of one release is that release."""
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
    """A spec that stands in the place of a release is not written beside itself."""
    assert (range_of(installer, releases), span_of(installer, releases)) == (text, span)
