"""Every expectation, tested with a value that holds, and with a value that fails."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.causes.explain import explained
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import Transport
from pytest_indexcache.scenario.loader import loads

from .expected_caches import CACHES
from .expected_lockfiles import LOCKFILES
from .expected_traffic import TRAFFIC
from .expected_venvs import VENVS

EXPECTED = {**CACHES, **LOCKFILES, **TRAFFIC, **VENVS}


def play_text(text: str, connect: Transport, folder: Path, spec: str = "reference") -> PlayResult:
    """Play a scenario that is given as text, with causes."""
    installer = create_installer(spec)
    return play(Play(loads(text), "t", installer, connect, "any", explain=explained), folder)


@pytest.mark.parametrize("name", EXPECTED)
def test_expectation_is_met(name: str, connect: Transport, tmp_path: Path) -> None:
    """The reference installer meets each expectation."""
    result = play_text(EXPECTED[name].text(EXPECTED[name].met), connect, tmp_path)
    failed = [c for step in result.steps for c in step.checks if not c.held]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)


@pytest.mark.parametrize("name", EXPECTED)
def test_expectation_that_is_not_met_is_explained(
    name: str, connect: Transport, tmp_path: Path
) -> None:
    """An expectation that fails shows the observed value and a cause."""
    expected = EXPECTED[name]
    result = play_text(expected.text(expected.unmet), connect, tmp_path)
    step = result.failed_step
    assert step is not None, result.reason
    assert step.number == len(loads(expected.text(expected.met)).steps)
    [check] = [check for check in step.checks if not check.held]
    assert check.key == expected.key
    assert fnmatchcase(check.seen, expected.seen)
    [cause] = check.causes
    assert expected.cause in cause


@pytest.mark.parametrize(
    ("name", "variant", "key"),
    [
        ("cache after it was cleared", "keep-after-clear", "cached"),
        ("entries of the cache", "keep-no-wheel", "cached.wheel"),
    ],
)
def test_variant_fails_what_is_expected_of_the_cache(
    name: str, variant: str, key: str, connect: Transport, tmp_path: Path
) -> None:
    """A variant that caches too much or too little fails an expectation of cache entries."""
    text = EXPECTED[name].text(EXPECTED[name].met)
    result = play_text(text, connect, tmp_path, f"reference:{variant}")
    step = result.failed_step
    assert step is not None, result.reason
    assert any(check.key.startswith(key) for check in step.checks if not check.held)
