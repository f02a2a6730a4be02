"""The deadline for work of the harness itself."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.checks.work_deadline import WorkDeadline
from pytest_indexcache.scenario.words import limits


def test_work_ends_with_its_time() -> None:
    """Items are yielded until the deadline, and then a PlayError is raised."""
    moments = iter([0.0, 1.0, limits.WORK, limits.WORK + 1])
    things = WorkDeadline(3, lambda: next(moments)).each("abc")
    assert [next(things), next(things)] == ["a", "b"]
    with pytest.raises(PlayError, match=r"step 3: the harness took more than 120 s"):
        next(things)
