"""Markers that tie packages to extras and groups."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from pytest_indexcache.reference.resolve.conditions import Choice, write_marker

NONE: Choice = frozenset()


def choice(*names: str) -> Choice:
    """Return a set of names of extras and groups."""
    return frozenset(names)


TORCH = (NONE, choice("cpu"), choice("cu128"), choice("pypi"))


@pytest.mark.parametrize(
    ("wanted", "choices", "marker"),
    [
        (TORCH, TORCH, None),
        ([choice("cpu")], TORCH, '"cpu" in extras'),
        ([choice("cpu"), choice("pypi")], TORCH, '"cpu" in extras or "pypi" in extras'),
        ([it for it in TORCH if it != choice("cpu")], TORCH, '"cpu" not in extras'),
        ([it | {"dev"} for it in TORCH], TORCH, '"dev" in extras'),
        ([choice("cpu", "dev")], TORCH, '"cpu" in extras and "dev" in extras'),
        ([choice("group:dev")], [NONE], '"dev" in dependency_groups'),
        ([choice("dev"), NONE], [NONE], None),
    ],
)
def test_a_marker_says_no_more_than_is_needed(
    wanted: Sequence[Choice], choices: Sequence[Choice], marker: str | None
) -> None:
    """A marker has no redundant part, and a package that is always installed has no marker."""
    assert write_marker(wanted, choices) == marker


@given(data=st.data())
def test_the_marker_holds_where_the_package_is_wanted_and_nowhere_else(data: st.DataObject) -> None:
    """A marker is true for exactly those extras and groups that need the package."""
    others = (NONE, choice("a"), choice("group:b"), choice("a", "group:b"))
    forks = [one | other for one, other in product(TORCH, others)]
    atoms = [NONE, choice("dev"), choice("group:test")]
    facts = data.draw(
        st.sets(st.tuples(st.sampled_from(forks), st.sampled_from(atoms)), min_size=1)
    )
    marker = write_marker([fork | atom for fork, atom in facts], forks)
    for fork, free in product(forks, [*atoms, choice("dev", "group:test")]):
        selected = fork | free
        expected = any(fact == fork and atom <= free for fact, atom in facts)
        environment = {
            "extras": frozenset(it for it in selected if not it.startswith("group:")),
            "dependency_groups": frozenset(
                it.removeprefix("group:") for it in selected if it.startswith("group:")
            ),
        }
        holds = marker is None or Marker(marker).evaluate(environment, context="lock_file")
        assert holds == expected
