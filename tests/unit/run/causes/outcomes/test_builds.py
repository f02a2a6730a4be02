"""Causes of too many or too few builds of a project."""

from __future__ import annotations

import pytest

from ..histories import REMOVE_VENV, MarkedDistribution, Told, causes, history

FOLDER = {"url": "file:///w/foo", "dir_info": {}}
HELD = {"foo": MarkedDistribution("foo", "1.0", url=FOLDER)}
LOCAL = {"local-projects": {"foo": {"path": "foo", "version": "1.0"}}}
INSTALL = {"do": "install", "paths": ["foo"]}
EDIT = {"do": "edit", "files": {"foo/data.txt": "x"}}
BUILT = Told(INSTALL, after=HELD, builds={"foo": 1})
ONE = {"builds": {"foo": 1}}


def test_kept_project_is_told_with_the_edit_that_was_not_seen() -> None:
    """The cause of a missing build names the edit that the kept installation lacks."""
    of = history(BUILT, EDIT, Told(INSTALL, before=HELD, after=HELD), **LOCAL)
    assert causes(of, ONE) == [
        "step 2 edited foo/data.txt; the venv held foo 1.0 from the folder foo since step 1, and "
        "step 3 kept it and built nothing"
    ]


def test_stored_build_is_told_with_the_other_command() -> None:
    """If a wheel of an earlier build was installed, the cause says how the commands differ."""
    command = "uv pip install ../foo -C a="
    of = history(
        Told(
            {"command": {"uv": f"{command}1"}}, after=HELD, builds={"foo": 1}, command=f"{command}1"
        ),
        REMOVE_VENV,
        Told({"command": {"uv": f"{command}2"}}, after=HELD, command=f"{command}2"),
        **LOCAL,
    )
    assert causes(of, ONE) == [
        "step 3 installed the wheel of foo that step 1 had built, from the cache, and built "
        "nothing, although its command says a=2 instead of a=1"
    ]


@pytest.mark.parametrize(
    ("between", "release", "said"),
    [
        (
            Told(REMOVE_VENV, before=HELD),
            "1.0",
            "; step 2 removed the venv that held it, and what step 1 had built was not reused",
        ),
        ({"do": "clear-cache"}, "1.0", "in between step 2 (clear-cache)"),
        (EDIT, "1.0", "in between step 2 edited foo/data.txt"),
        ({"do": "lock"}, "1.0", "nothing changed in between"),
        ({"do": "lock"}, "2.0", "played by release 1.0; nothing changed"),
    ],
)
def test_build_that_was_made_again_is_told_with_what_came_in_between(
    between: dict[str, object], release: str, said: str
) -> None:
    """The cause of a second build names the first build, and the events between them."""
    of = history(
        BUILT,
        between,
        Told(INSTALL, before=HELD, after=HELD, builds={"foo": 1}, release=release),
        **LOCAL,
    )
    [cause] = causes(of, {"builds": {}})
    assert cause.startswith("foo was built once in step 3, and in step 1 before")
    assert said in cause


@pytest.mark.parametrize(
    ("more", "step", "release", "said"),
    [
        ({"do": "clear-cache"}, INSTALL, "1.0", "before; in between step 3 (clear-cache)"),
        (EDIT, INSTALL, "1.0", "before; in between step 3 edited foo/data.txt"),
        ({"do": "lock"}, INSTALL, "2.0", "before, played by release 1.0"),
        ({"do": "clear-cache", "projects": ["bar"]}, {"do": "lock"}, "1.0", "before"),
    ],
)
def test_removed_venv_is_not_told_beside_what_decides(
    more: dict[str, object], step: dict[str, object], release: str, said: str
) -> None:
    """A removed venv is not the cause of a build if an edit, the cache or a release explains it."""
    after = {} if step["do"] == "lock" else HELD
    last = Told(step, after=after, builds={"foo": 1}, release=release)
    of = history(BUILT, Told(REMOVE_VENV, before=HELD), more, last, **LOCAL)
    [cause] = causes(of, {"builds": {}})
    assert cause == f"foo was built once in step 4, and in step 1 {said}"


def test_first_build_is_told_as_the_first() -> None:
    """The cause of an unexpected first build says that it is the first build."""
    [cause] = causes(history(BUILT, **LOCAL), {"builds": {}})
    assert cause == "foo was built once in step 1; no step before had built it (the folder foo)"


def test_build_for_another_python_names_both() -> None:
    """The cause of a second build for another Python names both Pythons."""
    of = history(
        Told(INSTALL, builds={"foo": 1}), Told({**INSTALL, "python": "3.12"}, builds={"foo": 1})
    )
    [cause] = causes(of, {"builds": {"foo": 0}})
    assert "before, for Python 3.12 instead of the default Python; nothing changed" in cause


def test_build_that_was_made_is_not_told_as_a_stored_one() -> None:
    """If only one of two expected builds happened, the cause does not name the cache."""
    of = history(BUILT, EDIT, Told(INSTALL, before=HELD, after=HELD, builds={"foo": 1}), **LOCAL)
    assert causes(of, {"builds": {"foo": 2}}) == ["step 3 built foo once"]
