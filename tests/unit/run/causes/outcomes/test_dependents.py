"""Causes that name the projects which require a project."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ..histories import Told, causes, history, page, wheel

PACKAGES = {
    "foo": {"1.0": {"requires": ["baz"], "extras": {"x": ["bar"]}}, "2.0": {"requires": ["baz"]}},
    "bar": {"1.0": {}},
    "baz": {"1.0": {}},
    "top": {"1.0": {"requires": ["foo[x]"]}},
}
INDEXES = {"pypi": {"url": "https://pypi.org/simple", "packages": PACKAGES}}
PLAIN = {"do": "install", "requirements": ["foo"]}
WITH_EXTRA = {"do": "install", "requirements": ["Foo[X]==1.0"]}
NO_EXTRA = {"foo": "1.0", "baz": "1.0"}
WHOLE = {**NO_EXTRA, "bar": "1.0"}


@pytest.mark.parametrize(
    ("step", "after", "cause"),
    [
        (
            WITH_EXTRA,
            WHOLE,
            "bar 1.0 is required by foo 1.0 of index pypi in its extra x, and step 1 asks for "
            "Foo[X]==1.0",
        ),
        (
            {"do": "install", "requirements": ["top"]},
            {**WHOLE, "top": "1.0"},
            "bar 1.0 is required by foo 1.0 of index pypi in its extra x, and top 1.0 requires "
            "foo[x]",
        ),
        (
            {"command": {"uv": "uv -v pip install foo[x]"}},
            WHOLE,
            "bar 1.0 is required by foo 1.0 of index pypi in its extra x, and step 1 asks for "
            "foo[x]",
        ),
        (PLAIN, WHOLE, "step 1 installed bar 1.0 from an index; index pypi offers bar 1.0"),
    ],
)
def test_project_of_an_extra_is_told_with_who_asks_for_the_extra(
    step: dict[str, Any], after: dict[str, str], cause: str
) -> None:
    """The cause of a project that an extra requires names the extra, and who requires the extra."""
    of = history(Told(step, after=after), indexes=INDEXES)
    assert causes(of, {"absent": ["bar"]}) == [cause]


def test_requests_for_a_project_of_an_extra_are_told_with_the_extra() -> None:
    """The cause of a first request for a project names the extra that requires the project."""
    name = "bar-1.0-py3-none-any.whl"
    file = replace(wheel(), subject=replace(wheel().subject, project="bar", filename=name))
    first = Told(PLAIN, [page()], after=NO_EXTRA)
    last = Told(WITH_EXTRA, [page(9, project="bar"), file], before=NO_EXTRA, after=WHOLE)
    of = history(first, last, indexes=INDEXES)
    why = "bar is required by foo 1.0 of index pypi in its extra x, and step 2 asks for Foo[X]==1.0"
    assert causes(of, {"requests": {"page": 0}, "downloads": {}}) == [
        f"{name} was downloaded in step 2 for the first time: {why}",
        f"the page of bar was asked for in step 2 for the first time: {why}",
    ]


def test_extra_that_the_project_asks_for_is_told() -> None:
    """The cause in a sync names the dependency of the project that requires the extra."""
    of = history(
        Told({"do": "sync"}, after=WHOLE),
        indexes=INDEXES,
        project={"dependencies": ["foo[x]"]},
    )
    [cause] = causes(of, {"absent": ["bar"]})
    assert cause.endswith("in its extra x, and the project asks for foo[x]")


@pytest.mark.parametrize(
    ("steps", "cause"),
    [
        (
            [Told(PLAIN, after=NO_EXTRA)],
            "foo 1.0, which the venv holds, requires bar only in its extra x, which nothing asks "
            "for",
        ),
        (
            [Told(WITH_EXTRA, after=WHOLE), {"do": "remove-venv"}, Told(PLAIN, after=NO_EXTRA)],
            "foo 1.0, which the venv holds, requires bar only in its extra x, which nothing asks "
            "for in step 3; step 1 asks for Foo[X]==1.0",
        ),
        (
            [Told({**PLAIN, "requirements": ["foo[x]"]}, after={**NO_EXTRA, "foo": "2.0"})],
            "step 1 asks for foo[x], and the venv holds foo 2.0, which does not require bar in an "
            "extra x, as foo 1.0 does",
        ),
        (
            [Told(WITH_EXTRA, after=NO_EXTRA)],
            "step 1 asks for Foo[X]==1.0, and foo 1.0 of index pypi in its extra x requires bar",
        ),
        (
            [Told({"command": {"uv": "uv pip install -r r.txt"}}, after=NO_EXTRA)],
            "foo 1.0, which the venv holds, requires bar only in its extra x",
        ),
    ],
)
def test_project_of_an_extra_that_was_not_chosen_is_told_with_the_extra(
    steps: list[Any], cause: str
) -> None:
    """If only an extra requires a missing project, the cause names the extra."""
    of = history(*steps, indexes=INDEXES)
    assert causes(of, {"installed": {"bar": "1.0"}}) == [cause]
    is_new = all(not told.exchanges for told in steps if isinstance(told, Told))
    assert causes(of, {"downloads": {"bar": 1}}) == [cause] * is_new


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"optional-dependencies": {"x": ["bar"]}}, "extra x"),
        ({"dependency-groups": {"dev": ["bar"]}}, "group dev"),
    ],
)
def test_choice_of_the_project_that_a_sync_left_out_is_told(
    table: dict[str, Any], said: str
) -> None:
    """The cause of a missing project names the extra or group that was not selected."""
    project = {"dependencies": ["foo"], **table}
    of = history(Told({"do": "sync"}, after=NO_EXTRA), indexes=INDEXES, project=project)
    assert (
        causes(of, {"installed": {"bar": "1.0"}, "downloads": {"bar": 1}})
        == [f"the project requires bar only in its {said}, which step 1 does not choose"] * 2
    )


@pytest.mark.parametrize(
    "step", [{"do": "remove", "projects": ["bar"]}, {"command": {"uv": "uv -v remove bar"}}]
)
@pytest.mark.parametrize("expect", [{"absent": ["bar"]}, {"removed": {"bar": "1.0"}}])
def test_removed_project_that_another_requires_is_told_with_that(
    step: dict[str, Any], expect: dict[str, Any]
) -> None:
    """If ``remove`` keeps a project, the cause names the distribution that requires it."""
    packages = {"foo": {"1.0": {"requires": ["bar"]}}, "bar": {"1.0": {}}}
    held = {"foo": "1.0", "bar": "1.0"}
    of = history(
        Told(step, before=held, after=held),
        indexes={"pypi": {"url": "https://pypi.org/simple", "packages": packages}},
    )
    assert causes(of, expect) == ["step 1 kept bar 1.0, as foo 1.0 of index pypi requires it"]
