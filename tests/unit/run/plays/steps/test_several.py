"""Expectations of concurrent steps, and the merged checks of their copies."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.run.plays.steps.several import (
    members_of,
    merged,
    name_of,
    own_expectation,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Together

INSTALL: dict[str, Any] = {"do": "install", "requirements": ["six"]}


def together(*steps: dict[str, Any], **keys: Any) -> Together:
    """Return a step with several concurrent steps."""
    data = {"title": "t", "steps": [{"do": "together", "together": list(steps), **keys}]}
    [step] = Scenario.model_validate(data).steps
    assert isinstance(step, Together)
    return step


def exit_check(seen: str) -> Check:
    """Return the check that a step succeeded."""
    return Check(CheckKind.EXIT, "success", seen, held=seen == "success")


def test_names_say_which_step_it_is_and_which_copy() -> None:
    """The name of a step contains its position, and of several copies, the number of the copy."""
    members = members_of(together({**INSTALL, "times": 2}, INSTALL))
    assert [*map(name_of, members)] == [
        "together[1] (1 of 2)",
        "together[1] (2 of 2)",
        "together[2]",
    ]


@pytest.mark.parametrize(
    ("own", "whole", "expected"),
    [
        ({}, {}, ("success", True)),
        ({}, {"exit": "failure", "satisfied": False}, ("failure", False)),
        ({"exit": "any"}, {"exit": "failure"}, ("any", True)),
        ({"exit": "success"}, {"exit": "failure"}, ("success", True)),
    ],
)
def test_what_the_whole_says_of_exits_holds_for_each(
    own: dict[str, Any], whole: dict[str, Any], expected: tuple[str, bool]
) -> None:
    """A concurrent step inherits the exit that is expected of all steps, unless it has its own."""
    step = together({**INSTALL, "expect": own}, INSTALL, expect=whole)
    found = own_expectation(step.members[0], step)
    assert (found.exit, found.satisfied) == expected


def test_copies_have_one_check_that_counts_the_failures() -> None:
    """Copies of a step share each check, which counts the copies that failed."""
    first, second, third, other = together({**INSTALL, "times": 3}, INSTALL).members
    found = merged(
        [
            (first, [exit_check("success")]),
            (second, [exit_check("crash")]),
            (third, [exit_check("failure")]),
            (other, [exit_check("success")]),
        ]
    )
    assert [(check.key, check.seen, check.held) for check in found] == [
        ("together[1].exit", "crash (2 of 3)", False),
        ("together[2].exit", "success", True),
    ]
