"""Releases in the tables ``[affected]`` and ``[sometimes]``."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.values.listed import ListedBug, listed_as


@pytest.mark.parametrize(
    ("affected", "sometimes", "version", "listed"),
    [
        ("<= 0.8.11", "", "0.8.11", ListedBug.AFFECTED),
        ("<= 0.8.11", "", "0.8.12", ListedBug.NOT),
        (">= 0.2, < 0.9", "", "0.9.0", ListedBug.NOT),
        (">= 0", "", "1.0rc1", ListedBug.AFFECTED),
        ("", "< 0.9", "0.8.11", ListedBug.SOMETIMES),
        ("", "< 0.9", "0.9.0", ListedBug.NOT),
        ("< 0.9", ">= 0.8", "0.8.11", ListedBug.SOMETIMES),
        ("< 0.9", ">= 0.8", "0.7.0", ListedBug.AFFECTED),
        ("", "", "1.0", ListedBug.NOT),
    ],
)
def test_a_release_is_listed_where_the_specifiers_hold(
    affected: str, sometimes: str, version: str, listed: ListedBug
) -> None:
    """A release in both ``[sometimes]`` and ``[affected]`` counts as listed in ``[sometimes]``."""
    assert listed_as(affected or None, sometimes or None, version) is listed
