"""Detection of steps that expect a universal lock."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.commands.locks.universal_locks import locked_for_others
from pytest_indexcache.installers.commands.step_states import with_state
from pytest_indexcache.scenario.model import Scenario

ELSEWHERE = "sys_platform == 'nowhere'"
HERE = "sys_platform != 'nowhere'"
NOT_HERE = f"here; {ELSEWHERE}"
PACKAGES = {
    "here": {"1.0": {}, "2.0": {}},
    "app": {
        "1.0": {"requires": [f"there; {ELSEWHERE}", f"here; {HERE}"]},
        "2.0": {"extras": {"fast": ["quick", f"slow; {ELSEWHERE}"]}},
    },
    "there": {"1.0": {"requires": ["deep", "here"]}},
}
SOURCE = {"index": "cpu", "explicit": True}


def found(locked: dict[str, Any], **tables: Any) -> str | None:
    """Return the project that needs a universal lock, in a lock step after the given steps."""
    before = tables.pop("before", [])
    step = {"do": "lock", "expect": {"locked": locked}}
    scenario = Scenario.model_validate(
        {
            "title": "t",
            "indexes": {
                "pypi": {"url": "https://pypi.org/simple", "packages": PACKAGES},
                "cpu": {"url": "https://cpu.example/simple"},
            },
            "steps": [*before, step],
            **tables,
        }
    )
    return [locked_for_others(step, current) for current, step in with_state(scenario)][-1]


@pytest.mark.parametrize(
    ("dependencies", "locked", "project"),
    [
        (["here"], {"here": "1.0"}, None),
        ([f"here; {HERE}"], {"here": "1.0"}, None),
        ([NOT_HERE], {"here": "1.0"}, "here"),
        ([NOT_HERE], {"Here": {"hashes": True}}, "here"),
        ([NOT_HERE], {"app": "1.0"}, None),
        ([NOT_HERE, "here"], {"here": "1.0"}, None),
        (["app"], {"app": "1.0", "here": "1.0"}, None),
        (["app"], {"there": "1.0"}, "there"),
        (["app"], {"deep": "1.0"}, "deep"),
        (["app", "deep"], {"deep": "1.0"}, None),
        (["app[fast]"], {"quick": "1.0"}, None),
        (["app[fast]"], {"slow": "1.0"}, "slow"),
        (["here"], {"here": {"version": ["1.0", "2.0"]}}, "here"),
        (["here"], {"here": {"files": ["here-1.0-py3-none-any.whl", "here-1.0.tar.gz"]}}, None),
        (["here"], {"here": {"files": ["here-1.0-py3-none-nowhere.whl"]}}, "here"),
        (["here"], {"here": {"files": ["here-1.0-cp27-cp27m-any.whl"]}}, "here"),
        (["here"], {"here": {"files": ["here-1.0-*-nowhere.whl"]}}, None),
        (["here"], {"here": {"version": ["1.0"]}}, None),
        (["here; python_version >= '3'"], {"here": "1.0"}, None),
        (["here; python_version < '3'"], {"here": "1.0"}, "here"),
    ],
)
def test_markers_that_do_not_hold_here_lead_elsewhere(
    dependencies: list[str], locked: dict[str, Any], project: str | None
) -> None:
    """A project whose markers are all false on this machine is only in a universal lock."""
    assert found(locked, project={"dependencies": dependencies}) == project


BOTH = {"torch": {"version": ["1.0", "1.0+cpu"]}}
EXTRAS = {"optional-dependencies": {"a": ["torch"], "b": ["torch"]}}
EXCLUSIVE = {**EXTRAS, "conflicts": [["a", "b"]]}


@pytest.mark.parametrize(
    ("tables", "locked", "project"),
    [
        ({"project": EXCLUSIVE}, BOTH, None),
        ({"project": EXTRAS}, BOTH, "torch"),
        ({"project": EXTRAS, "sources": {"torch": {**SOURCE, "extra": "a"}}}, BOTH, None),
        ({"project": EXCLUSIVE, "sources": {"torch": {**SOURCE, "marker": HERE}}}, BOTH, "torch"),
        ({"project": EXTRAS, "sources": {"torch": {**SOURCE, "marker": HERE}}}, {}, None),
        (
            {"project": EXTRAS, "sources": {"torch": {**SOURCE, "marker": HERE}}},
            {"torch": "1.0+cpu"},
            None,
        ),
        ({"project": {"dependencies": ["here"]}, "python": "3.8"}, {"here": "1.0"}, None),
        (
            {"project": {"dependencies": ["here; python_version > '3.8'"]}, "python": "3.8"},
            {"here": "1.0"},
            "here",
        ),
    ],
)
def test_several_versions_are_made_by_markers_or_by_extras(
    tables: dict[str, Any], locked: dict[str, Any], project: str | None
) -> None:
    """Several versions due to markers need a universal lock, but versions due to extras do not."""
    assert found(locked, **tables) == project


@pytest.mark.parametrize(
    "before",
    [
        {"do": "edit", "project": {"dependencies": [NOT_HERE]}},
        {"do": "add", "requirements": [NOT_HERE]},
    ],
)
def test_the_project_counts_as_it_stands_at_the_step(before: dict[str, Any]) -> None:
    """A project that an earlier step added counts as a requirement of the project."""
    tables = {"project": {"dependencies": ["app"]}}
    assert found({"here": "1.0"}, **tables) is None
    both = {"project": {"dependencies": []}, "before": [before]}
    assert found({"here": "1.0"}, **both) == "here"
