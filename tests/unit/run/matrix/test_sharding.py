"""The division of a matrix into shards for several machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario
from pytest_indexcache.run.matrix.sharding import Shard, plan_digest
from pytest_indexcache.scenario.loader import loads

SCENARIO = loads('title = "x"\n[[steps]]\ndo = "remove-venv"\nexpect = { exit = "any" }\n')


@dataclass(frozen=True)
class Named:
    """An installer that has only a spec."""

    spec: str


def cells(installers: int, scenarios: int) -> list[Cell]:
    """Make the cells of a matrix, newest release first."""
    return [
        Cell(
            NamedScenario(f"s{scenario}", SCENARIO, Path(f"s{scenario}")),
            cast("Any", Named(f"uv=={release}")),
            "wire",
        )
        for release in reversed(range(installers))
        for scenario in range(scenarios)
    ]


@given(st.integers(0, 30), st.integers(0, 12), st.integers(1, 9))
def test_every_cell_is_in_exactly_one_shard(installers: int, scenarios: int, count: int) -> None:
    """Every cell is in exactly one shard, and shards differ by at most one release."""
    whole = cells(installers, scenarios)
    parts = [Shard(number, count).of(whole) for number in range(1, count + 1)]
    dealt = [id(cell) for part in parts for cell in part]
    assert sorted(dealt) == sorted(map(id, whole))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= (scenarios if installers >= count else 1)


@given(st.integers(3, 30), st.integers(1, 5), st.integers(1, 3))
def test_a_release_that_comes_out_moves_no_other(
    installers: int, scenarios: int, count: int
) -> None:
    """A new release does not move any other release to another shard."""
    for number in range(1, count + 1):
        before = {cell.spec for cell in Shard(number, count).of(cells(installers, scenarios))}
        after = {cell.spec for cell in Shard(number, count).of(cells(installers + 1, scenarios))}
        assert after - before <= {f"uv=={installers}"}
        assert before <= after


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "1/0", "-1/2", "a/b", "1/2/3", "²/3"])
def test_what_is_no_shard(text: str) -> None:
    """A shard whose number is not between 1 and the count is refused."""
    with pytest.raises(CommandError, match="is not a shard"):
        Shard.parse(text)


def test_shard_is_read_as_it_is_written() -> None:
    """``2/8`` is read as the second of eight shards."""
    assert Shard.parse("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"


def test_plans_that_differ_have_other_digests() -> None:
    """A further release or scenario changes the digest of a matrix."""
    plans = [cells(2, 2), cells(3, 2), cells(2, 3)]
    assert len({plan_digest(plan) for plan in plans}) == 3
    assert plan_digest(cells(2, 2)) == plan_digest(cells(2, 2))
