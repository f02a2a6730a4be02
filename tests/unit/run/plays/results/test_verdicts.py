"""Verdicts, derived from checks and from the listed releases."""

from __future__ import annotations

import pytest

from pytest_indexcache.run.plays.results import Verdict, verdict_of
from pytest_indexcache.scenario.values.listed import ListedBug


@pytest.mark.parametrize(
    ("held", "listed", "verdict"),
    [
        (True, ListedBug.NOT, Verdict.PASSED),
        (False, ListedBug.NOT, Verdict.FAILED),
        (True, ListedBug.AFFECTED, Verdict.FIXED),
        (False, ListedBug.AFFECTED, Verdict.REPRODUCED),
        (True, ListedBug.SOMETIMES, Verdict.PASSED),
        (False, ListedBug.SOMETIMES, Verdict.REPRODUCED),
    ],
)
def test_verdict_is_made_of_what_held_and_what_is_known(
    held: bool, listed: ListedBug, verdict: Verdict
) -> None:
    """A listed failure is reproduced; a pass is fixed only if ``[affected]`` lists the release."""
    assert verdict_of(held=held, listed=listed) is verdict
