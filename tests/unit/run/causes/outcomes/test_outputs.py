"""Causes of unexpected output, imported values or inconsistencies of the venv."""

from __future__ import annotations

from ..histories import (
    INSTALL,
    PUBLISH,
    PYPI,
    MarkedDistribution,
    Told,
    causes,
    history,
    page,
    wheel,
)

LOCAL = {"local-projects": {"foo": {"path": "foo", "version": "1.0"}}}
RUN = "uv run --no-project --with ../foo python -c pass"


def test_old_code_is_told_with_the_edit_and_the_build() -> None:
    """The cause of outdated output names the edit, and the build that was used instead."""
    step = {"command": {"uv": RUN}}
    of = history(
        Told(step, builds={"foo": 1}, output="old\n", command=RUN),
        {"do": "edit", "local-projects": {"foo": {"path": "foo", "build": "new"}}},
        Told(step, output="old\n", command=RUN),
        **LOCAL,
    )
    assert causes(of, {"output": {"contains": ["new"]}}) == [
        "step 2 edited foo in the folder foo; step 3 built nothing and used the build of foo that "
        "step 1 had made of foo"
    ]


def test_yanked_release_without_a_warning_is_told_with_its_reason() -> None:
    """If a warning is missing, the cause names the yanked release and its cached file."""
    packages = {"foo": {"1.0": {"yanked": "bad build"}}}
    of = history(
        Told(INSTALL, [page(), wheel()], after={"foo": "1.0"}, output="bad build"),
        Told({**INSTALL, "venv": "other"}, after={"foo": "1.0"}, output=" + foo==1.0\n"),
        indexes={"pypi": {**PYPI, "packages": packages}},
    )
    assert causes(of, {"output": {"contains": ["bad build"]}}) == [
        "foo 1.0 is yanked on index pypi (bad build); step 2 installed it from the cache of step 1 "
        "without a request, and its output does not say so"
    ]


def test_other_output_is_told_by_its_last_line() -> None:
    """If no rule applies, the cause quotes the last line of the output."""
    of = history(Told(INSTALL, output="$ uv pip install foo\nResolved 1 package\n + foo==1.0\n"))
    assert causes(of, {"output": {"contains": ["warning"]}}) == [
        "the last line that step 1 printed is: + foo==1.0"
    ]


def test_value_of_an_import_is_told_with_the_release_that_has_the_other() -> None:
    """The cause names the distribution with the value, and the release with the expected one."""
    values = {
        "1.0": {"attributes": {"cuda": "12"}},
        "1.0+cpu": {"attributes": {"cuda": "none"}},
    }
    of = history(
        Told(INSTALL, [page(), wheel()], after={"foo": "1.0"}, imports={"foo.cuda": "12"}),
        indexes={"pypi": {**PYPI, "packages": {"foo": values}}},
    )
    assert causes(of, {"imports": {"foo.cuda": "none"}}) == [
        "step 1 installed foo 1.0 from index pypi, in which the value is '12'; 'none' is the value "
        "in foo 1.0+cpu of index pypi"
    ]


def test_import_of_a_kept_distribution_is_told_as_kept() -> None:
    """If the distribution was kept, the cause of its value names the step that installed it."""
    held = {"foo": MarkedDistribution("foo", "1.0")}
    of = history(
        Told(INSTALL, [page(), wheel()], after=held),
        Told(INSTALL, before=held, after=held, imports={"foo.a": 1}),
    )
    [cause] = causes(of, {"imports": {"foo.a": 2}})
    assert cause == "step 2 kept foo 1.0 from index pypi since step 1, in which the value is 1"


def test_consistency_is_told_by_what_the_venv_holds() -> None:
    """If a venv is unexpectedly consistent, the cause names its distributions."""
    of = history(Told(INSTALL, after={}))
    assert causes(of, {"check": False}) == [
        "after step 1 the venv holds nothing, and the requirements of each are met"
    ]


def test_value_of_an_old_release_is_told_with_the_page_that_hid_the_new_one() -> None:
    """If a value comes from an old release, the cause names the old page."""
    first = Told(INSTALL, [page(cache_control="max-age=600")], after={"foo": "1.0"})
    upgrade = {**INSTALL, "upgrade": True}
    last = Told(upgrade, before={"foo": "1.0"}, after={"foo": "1.0"}, imports={"foo.x": "old"})
    [cause] = causes(history(first, PUBLISH, last), {"imports": {"foo.x": "new"}})
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")
    assert cause.endswith(
        "which published foo 2.0. So the venv has foo 1.0, in which the value is 'old'"
    )


def test_import_that_fails_is_told_with_its_error() -> None:
    """If an import fails, the cause names the error instead of a value."""
    error = "AttributeError: module 'foo' has no attribute 'x'"
    of = history(Told(INSTALL, [wheel()], after={"foo": "1.0"}, imports={"foo.x": error}))
    [cause] = causes(of, {"imports": {"foo.x": "a"}})
    assert cause.endswith("from index pypi, in which foo.x is not found (AttributeError)")
