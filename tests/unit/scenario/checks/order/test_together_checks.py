"""Mistakes in steps that start together."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.order.order_checks import check_order
from pytest_indexcache.scenario.checks.order.together_checks import check_together
from pytest_indexcache.scenario.model import Scenario

INSTALL: dict[str, Any] = {"do": "install", "requirements": ["six"]}
HOLDS_SIX = {"expect": {"installed": {"six": "1.0"}}}


def together(*steps: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """Return a step in which several steps start together."""
    return {"do": "together", "together": list(steps), **keys}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (together(INSTALL, INSTALL, expect={"downloads": {"six": 1}}), []),
        (together({**INSTALL, "times": 16}), []),
        (together(INSTALL), [("together",)]),
        (together({**INSTALL, "times": 16}, INSTALL), [("together",)]),
        (together(INSTALL, {**INSTALL, "wait": "1 s"}), [("together", 1, "wait")]),
        (together(INSTALL, INSTALL, wait="1 s"), []),
        *(
            (
                together(INSTALL, {**INSTALL, "expect": {key: value}}),
                [("together", 1, "expect", key)],
            )
            for key, value in {
                "downloads": {},
                "bytes": {},
                "requests": 0,
                "fields": {},
                "requests-to": {},
                "revalidated": 0,
                "nominal": "1 MiB",
                "builds": {},
                "past-edge": 0,
                "cached": 0,
                "cache-bytes": 0,
            }.items()
        ),
        (together(INSTALL, {**INSTALL, **HOLDS_SIX}), []),
        (together(INSTALL, INSTALL, **HOLDS_SIX), []),
        (together({**INSTALL, "venv": "a"}, INSTALL, **HOLDS_SIX), [("expect", "installed")]),
        (
            together({**INSTALL, "venv": "a{n}", "times": 2}, expect={"installed-count": 1}),
            [("expect", "installed-count")],
        ),
        (together({"do": "sync"}, {"do": "lock"}, expect={"lockfile": "changed"}), []),
        (
            together({"do": "lock", "folder": "a{n}", "times": 2}, expect={"lockfile": "changed"}),
            [("expect", "lockfile")],
        ),
        ({**INSTALL, "times": 2}, [("times",)]),
        ({**INSTALL, "venv": "a{n}"}, [("venv",)]),
        ({**INSTALL, "folder": "a{n}b"}, [("folder",)]),
    ],
)
def test_what_is_wrong_is_found_at_its_place(step: dict[str, Any], expected: list[Any]) -> None:
    """Misplaced expectations, waits, counts and ``{n}`` are reported at their key paths."""
    scenario = Scenario.model_validate({"title": "t", "steps": [step]})
    assert [finding.path[2:] for finding in check_together(scenario)] == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([together({"do": "lock"}, {"do": "lock"}, expect={"lockfile": "changed"})], []),
        (
            [together(INSTALL, INSTALL, expect={"lockfile": "changed"})],
            [("steps", 0, "expect", "lockfile")],
        ),
        (
            [together({"do": "lock"}, {"do": "sync", "frozen": True})],
            [("steps", 0, "together", 1, "frozen")],
        ),
        ([together({"do": "lock"}, INSTALL), {"do": "sync", "frozen": True}], []),
        ([together({**INSTALL, "venv": "a{n}", "times": 2}), {**INSTALL, "venv": "a2"}], []),
        (
            [together({"do": "lock", **HOLDS_SIX}, {"do": "lock"}, **HOLDS_SIX)],
            [
                ("steps", 0, "expect", "installed"),
                ("steps", 0, "together", 0, "expect", "installed"),
            ],
        ),
    ],
)
def test_none_of_them_finds_what_another_makes(
    steps: list[dict[str, Any]], expected: list[Any]
) -> None:
    """A step can use files of earlier steps, but not those of steps that start with it."""
    scenario = Scenario.model_validate({"title": "t", "steps": steps})
    assert [finding.path for finding in check_order(scenario)] == expected
