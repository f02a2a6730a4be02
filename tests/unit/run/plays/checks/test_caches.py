"""Checks of the installer's cache."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.scenario.tables.expectation import Expectation

SIX, TORCH = "six-1.17.0-py3-none-any.whl", "torch-2.8.0-py3-none-any.whl"
CACHED = {
    "wheel": [CachedEntry(SIX, "six"), CachedEntry(TORCH, "torch")],
    "page": [
        CachedEntry("a/six/", "six"),
        CachedEntry("b/six/", "six"),
        CachedEntry("flat/", None),
    ],
    "unpacked": [],
}


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        (5, {}),
        ("<= 5", {}),
        (0, {"cached": ("0", "5: a/six/, b/six/, flat/, …", True)}),
        ({}, {}),
        ({"wheel": 2}, {}),
        ({"wheel": "any", "unpacked": 0}, {}),
        ({"wheel": "<= 1"}, {"cached.wheel": ("<= 1", f"2: {SIX}, {TORCH}", True)}),
        ({"unpacked": {}}, {}),
        ({"unpacked": {"six": 1}}, {"cached.unpacked.six": ("1", "0", False)}),
        ({"wheel": {"six": 1, "torch-*.whl": 1}}, {}),
        ({"wheel": {SIX: 1, "*": "any"}}, {}),
        ({"wheel": {"six": 1}}, {"cached.wheel.torch": ("0", f"1: {TORCH}", True)}),
        (
            {"wheel": {}},
            {
                "cached.wheel.six": ("0", f"1: {SIX}", True),
                "cached.wheel.torch": ("0", f"1: {TORCH}", True),
            },
        ),
        ({"page": {"six": 2, "*": 1}}, {}),
        (
            {"page": {"*": 1}},
            {"cached.page.*": ("1 each", "six 2: a/six/, b/six/, flat/", True)},
        ),
        ({"page": {"six": 2}}, {"cached.page.flat/": ("0", "1: flat/", True)}),
    ],
)
def test_entries_are_counted_by_kind_and_project(
    expected: Any, wrong: dict[str, tuple[str, str, bool]]
) -> None:
    """Entries are counted by kind, and entries that match no key are unexpected."""
    checks = check_step(
        Expectation.model_validate({"cached": expected}), Observation(cached=CACHED)
    )
    failed = {it.key: (it.expected, it.seen, it.excess) for it in checks if not it.held}
    assert failed == wrong


@pytest.mark.parametrize(
    ("expected", "held"), [("<= 1 KiB", True), (1000, True), ("> 1 KB", False), (0, False)]
)
def test_size_of_the_cache_is_compared(expected: Any, held: bool) -> None:
    """The size of the cache is compared with a number or with a size that has a unit."""
    expect = Expectation.model_validate({"exit": "any", "cache-bytes": expected})
    [check] = check_step(expect, Observation(cache_bytes=1000))
    assert (check.key, check.seen, check.held) == ("cache-bytes", "1000 B", held)
