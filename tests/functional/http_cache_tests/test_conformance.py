"""The HTTP cache conforms to http-tests/cache-tests, as a private cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from .engine import Played
from .known import KNOWN, KNOWN_AS_INSTALLED, KNOWN_ON_NPM
from .playing import play_suite
from .suite import SuiteUnavailableError, locate
from .verdicts import judge

REQUIRED_AT_LEAST = 130


def _located(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """Return the suite's folder; if it is not available, skip the test, or fail it in CI."""
    cache = pytestconfig.cache
    folder = tmp_path / "npm" if cache is None else cache.mkdir("http-cache-tests")
    try:
        return locate(folder)
    except SuiteUnavailableError as reason:
        if os.environ.get("CI"):
            pytest.fail(f"the suite must be played in CI: {reason}")
        pytest.skip(f"http-cache-tests: {reason}")


@pytest.mark.parametrize(
    ("serves_stale", "beside", "optional_not_passed"),
    [(True, {}, 6), (False, KNOWN_AS_INSTALLED, 7)],
    ids=["as it comes", "as installed"],
)
def test_the_cache_does_what_the_suite_asks_of_a_private_cache(
    pytestconfig: pytest.Config,
    tmp_path: Path,
    *,
    serves_stale: bool,
    beside: Mapping[str, str],
    optional_not_passed: int,
) -> None:
    """The cache passes 130 required tests of the suite, and each failure is known and explained."""
    folder = _located(pytestconfig, tmp_path)
    report = play_suite(folder, tmp_path, serves_stale=serves_stale)
    bad = report.failures("required") + report.failures("optimal")
    listing = "\n".join([report.table(), *bad])
    is_newer = "status-200-must-understand" in report.verdicts
    known = {**KNOWN, **beside} if is_newer else KNOWN_ON_NPM
    assert {line.partition(":")[0] for line in bad} == set(known), listing
    assert report.passed("required") >= REQUIRED_AT_LEAST, listing
    assert len(report.failures("optimal")) <= optional_not_passed, listing


def test_a_test_counts_only_if_those_it_depends_on_pass() -> None:
    """A test counts as passed only if all its direct and indirect dependencies pass."""
    groups = [
        {
            "tests": [
                {"id": "base", "kind": "check"},
                {"id": "middle", "depends_on": ["base"]},
                {"id": "top", "kind": "optimal", "depends_on": ["middle"]},
                {"id": "alone"},
                {"id": "orphan", "depends_on": ["not-played"]},
            ]
        }
    ]
    good, bad, setup = Played(held=True), Played(False, "no"), Played(False, "retry", True)
    played = {"base": bad, "middle": good, "top": good, "alone": setup, "orphan": good}
    report = judge(groups, played)
    assert report.verdicts == {
        "base": "no",
        "middle": "dependency-fail",
        "top": "dependency-fail",
        "alone": "retry",
        "orphan": "dependency-fail",
    }
    assert report.passed("required") == 0
    passing = judge(groups, {**played, "base": good, "alone": good})
    assert (passing.passed("required"), passing.passed("optimal")) == (2, 1)
