"""Causes of too many requests of concurrent steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.history import History

from ..histories import INSTALL, Told, causes, history, page, wheel

NAME = "foo-1.0-py3-none-any.whl"
ONE: Mapping[str, Any] = {"downloads": {"foo": 1}}
NONE: Mapping[str, Any] = {"downloads": {}}
TWICE = {"together": [{**INSTALL, "venv": "a{n}", "times": 2}, {**INSTALL, "venv": "b"}]}
FIRST, SECOND, OTHER = "together[1] (1 of 2)", "together[1] (2 of 2)", "together[2]"


def by(name: str, exchange: Exchange) -> Exchange:
    """Return an exchange that one of the concurrent steps made."""
    return replace(exchange, by=name)


def test_a_file_that_two_get_at_once_is_told_with_both() -> None:
    """If two concurrent steps downloaded a file, the cause names both steps."""
    exchanges = [by(SECOND, wheel(1, cache_control="max-age=600")), by(OTHER, wheel(1.5))]
    [cause] = causes(history(Told(TWICE, exchanges)), ONE)
    assert cause == (
        f"{NAME} was downloaded twice in step 1, by {SECOND} and {OTHER} at the same time: none of "
        "them used the response of another, and the first response may be reused for 600 s without "
        "asking (cache-control: max-age=600)"
    )


def test_a_page_that_several_ask_for_at_once_is_told_with_them() -> None:
    """Requests of several concurrent steps are not reported as retries."""
    exchanges = [by(name, page()) for name in (FIRST, SECOND, OTHER)]
    [cause] = causes(history(Told(TWICE, exchanges)), {"requests": {"page": 1}})
    assert cause.startswith(f"the page of foo was asked for 3 times in step 1, by {FIRST}, ")
    assert "retries" not in cause


def test_a_step_without_a_cache_is_named() -> None:
    """The cause names a step that does not use the cache, so that others had to download."""
    step = {"together": [{**INSTALL, "no-cache": True}, INSTALL]}
    exchanges = [by("together[1]", wheel()), by(OTHER, wheel())]
    [cause] = causes(history(Told(step, exchanges)), ONE)
    assert cause.endswith("; together[1] was played with no-cache")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (TWICE, "although the response of step 1 may be reused for 600 s"),
        (
            {"together": [INSTALL, {**INSTALL, "no-cache": True}]},
            "step 2 was played with no-cache",
        ),
        (
            {"together": [INSTALL, {**INSTALL, "release": "==2.0"}, {"do": "clear-cache"}]},
            "together[3] of step 2 cleared the cache at the same time",
        ),
    ],
)
def test_what_came_before_comes_again_for_the_reason_of_the_step_that_asked(
    step: Mapping[str, Any], words: str
) -> None:
    """The cause depends on the options of the step that made the request, not of another step."""
    before = Told(INSTALL, [wheel(cache_control="max-age=600")])
    maker = OTHER if len(step["together"]) > 1 else FIRST
    [cause] = causes(history(before, Told(step, [by(maker, wheel(1))])), NONE)
    assert words in cause


def test_a_cache_that_one_of_several_cleared_is_named() -> None:
    """The cause names the concurrent step whose command cleared the cache."""
    cleared = {"together": [{"do": "clear-cache"}, {"do": "lock"}]}
    steps = (Told(INSTALL, [wheel(cache_control="max-age=600")]), cleared)
    [cause] = causes(history(*steps, Told(INSTALL, [wheel(1)])), NONE)
    assert "step 2 cleared the cache of everything" in cause


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (f"error: {NAME} is a broken wheel", f"; {OTHER} downloaded {NAME} at the same time"),
        ("error: bar-1.0-py3-none-any.whl is a broken wheel", ""),
    ],
)
def test_a_file_of_which_one_complains_while_another_gets_it(output: str, words: str) -> None:
    """The cause of a refused file names the step that downloaded the file at the same time."""
    of = history(Told(TWICE, [by(OTHER, wheel())], exit=ExitKind.FAILURE, output=output))
    first, *_ = of.current.each
    current = replace(first, beside=of.current.each)
    [cause] = causes(History([current]), {})
    assert cause.endswith(words or "is a broken wheel")


def test_a_file_that_none_wanted_is_not_missed_because_another_step_failed() -> None:
    """A missing download of one step is not explained by the failure of another step."""
    of = history(Told(TWICE, [by(OTHER, page())]))
    [cause] = causes(of, ONE)
    assert "failed before" not in cause
