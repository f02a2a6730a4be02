"""Causes of unexpected contents of the venv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.explain import causes_of
from pytest_indexcache.run.plays.results import Check, CheckKind

from ..histories import (
    INSTALL,
    PUBLISH,
    PYPI,
    REMOVE_VENV,
    REPLACE,
    MarkedDistribution,
    Told,
    causes,
    history,
    page,
    wheel,
)

REINSTALL = {**INSTALL, "reinstall": True}
FOLDER = {"url": "file:///w/foo", "dir_info": {}}
LOCAL = {"local-projects": {"foo": {"path": "foo", "version": "1.0"}}}


def first(cache_control: str) -> Told:
    """Return a step that installed foo 1.0 from index pypi."""
    after = {"foo": MarkedDistribution("foo", "1.0")}
    return Told(
        INSTALL, [page(cache_control=cache_control), wheel(cache_control="max-age=99")], after=after
    )


def kept(step: Mapping[str, Any], *exchanges: Exchange) -> Told:
    """Return a step that kept foo 1.0 in the venv."""
    held = {"foo": MarkedDistribution("foo", "1.0")}
    return Told(step, exchanges, before=held, after=held)


def again(step: Mapping[str, Any], *exchanges: Exchange) -> Told:
    """Return a step that installed foo 1.0 again."""
    held = {"foo": MarkedDistribution("foo", "1.0")}
    anew = {"foo": MarkedDistribution("foo", "1.0", identity=9, build="old")}
    return Told(step, exchanges, before=held, after=anew)


def test_kept_distribution_is_told_with_its_step_and_source() -> None:
    """If a distribution was kept, the cause names its source, and the step that installed it."""
    of = history(first(cache_control="no-cache"), PUBLISH, kept(INSTALL, page(9)))
    assert causes(of, {"installed": {"foo": "2.0"}}) == [
        "step 2 published foo 2.0; the venv held foo 1.0 from index pypi since step 1, and step 3 "
        "kept it"
    ]


def test_reinstalled_distribution_is_not_called_kept() -> None:
    """A release that was removed and installed again from the cache is not reported as kept."""
    of = history(first(cache_control="no-cache"), REPLACE, again(REINSTALL, page(9)))
    [cause] = causes(of, {"builds-of": {"foo": "new"}})
    assert cause == (
        "step 3 installed foo-1.0-py3-none-any.whl of step 1 from the cache, and did not ask for "
        "it again; step 2 replaced it with other bytes, and the page that came in this step names "
        "its new sha256"
    )


def test_old_page_with_a_reinstall_names_the_file() -> None:
    """For a reinstall after an old page, the cause names the cached file of the earlier step."""
    of = history(first(cache_control="max-age=600"), REPLACE, again(REINSTALL))
    [cause] = causes(of, {"builds-of": {"foo": "new"}})
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")
    assert cause.endswith(
        "So foo-1.0-py3-none-any.whl of step 1 was installed again from the cache"
    )


def test_wheel_that_was_built_of_an_older_sdist_is_named() -> None:
    """The cause names a cached wheel that was built from an sdist which was replaced later."""
    packages = {"foo": {"1.0": {"files": [{"kind": "sdist"}]}}}
    sdist = replace(
        wheel(),
        url="https://a/foo-1.0.tar.gz",
        subject=replace(wheel().subject, filename="foo-1.0.tar.gz"),
    )
    of = history(
        Told(INSTALL, [page(), sdist], after={"foo": "1.0"}, builds={"foo": 1}),
        REPLACE,
        REMOVE_VENV,
        Told(INSTALL, [page(9)], after={"foo": MarkedDistribution("foo", "1.0", build="a")}),
        indexes={"pypi": {**PYPI, "packages": packages}},
    )
    [cause] = causes(of, {"builds-of": {"foo": "b"}})
    assert cause.startswith(
        "step 4 installed the wheel that step 1 built of foo-1.0.tar.gz from the cache, and did "
        "not build it again; step 2 replaced the sdist with other bytes"
    )


def test_local_project_that_was_kept_after_an_edit_names_the_edit() -> None:
    """If a local project was kept, the cause names the edit of its folder."""
    held = {"foo": MarkedDistribution("foo", "1.0", url=FOLDER, build="old")}
    install = {"do": "install", "paths": ["foo"]}
    of = history(
        Told(install, after=held, builds={"foo": 1}),
        {"do": "edit", "local-projects": {"foo": {"path": "foo", "build": "new"}}},
        Told(install, before=held, after=held),
        **LOCAL,
    )
    assert causes(of, {"builds-of": {"foo": "new"}}) == [
        "step 2 edited foo in the folder foo; the venv held foo 1.0 from the folder foo since step "
        "1, and step 3 kept it, without asking an index or building it"
    ]


def test_distribution_that_was_replaced_names_both_sources() -> None:
    """If a distribution was replaced, the cause names its old and its new source."""
    local = {"foo": MarkedDistribution("foo", "2.0", url=FOLDER)}
    of = history(
        Told({"do": "install", "paths": ["foo"]}, after=local),
        Told({**INSTALL, "upgrade": True}, [page(), wheel()], before=local, after={"foo": "1.0"}),
        **LOCAL,
    )
    assert causes(of, {"installed": {"foo": "2.0"}}) == [
        "the venv held foo 2.0 from the folder foo since step 1; step 2 replaced it with 1.0 from "
        "index pypi (index pypi offers foo 1.0)"
    ]


BUILD_TAGS = {
    "foo": {
        "1.0": {"files": [{"build-tag": "1", "build": "a"}, {"build-tag": "2", "build": "b"}]},
    }
}


def test_other_file_of_the_release_is_named_with_the_expected_one() -> None:
    """The cause names the file of the release that was installed, and the expected file."""
    of = history(
        Told(INSTALL, [page()], after={"foo": MarkedDistribution("foo", "1.0", build="a")}),
        indexes={"pypi": {**PYPI, "packages": BUILD_TAGS}},
    )
    assert causes(of, {"builds-of": {"foo": "b"}}) == [
        "index pypi offers foo 1.0 as foo-1.0-1-py3-none-any.whl and foo-1.0-2-py3-none-any.whl; "
        "step 1 installed foo-1.0-1-py3-none-any.whl instead of foo-1.0-2-py3-none-any.whl"
    ]


def test_other_file_that_was_kept_is_told_as_kept() -> None:
    """The cause names a wheel that was kept for its equal version, and the step that brought it."""
    held = {"foo": MarkedDistribution("foo", "1.0", build="a")}
    of = history(
        Told(INSTALL, [page()], after=held),
        Told(INSTALL, before=held, after=held),
        indexes={"pypi": {**PYPI, "packages": BUILD_TAGS}},
    )
    [cause] = causes(of, {"builds-of": {"foo": "b"}})
    assert cause.startswith(
        "the venv holds foo 1.0 from foo-1.0-1-py3-none-any.whl since step 1, and step 2 kept it"
    )


A = {
    "url": "https://a.example/simple",
    "default": True,
    "packages": {"foo": {"1.0": {"requires": ["dep"]}}, "dep": {"1": {}}},
}
B = {"url": "https://b.example/simple", "packages": {"foo": {"1.0": {}}}}


def test_project_that_another_index_requires_is_told_with_both() -> None:
    """If only the release of another index has a dependency, the cause names both indexes."""
    of = history(
        Told(INSTALL, [wheel(index="b")], after={"foo": "1.0", "dep": "1"}),
        indexes={"a": A, "b": B},
    )
    assert causes(of, {"added": {"foo": "1.0"}}) == [
        "dep 1 is required by foo 1.0 of index a only; the foo that step 1 installed came from "
        "index b, whose metadata does not require it and was not asked for"
    ]


def test_project_that_came_for_want_of_an_extra_is_told_with_the_extra() -> None:
    """The cause of a new dependency names the extra that is no longer selected."""
    sync = {"do": "sync", "extras": ["cpu"]}
    optional = {"project": {"optional-dependencies": {"cpu": ["foo"]}}}
    of = history(
        Told(sync, [wheel(index="b", version="1.0+cpu")], after={"foo": "1.0+cpu"}),
        Told(
            {"do": "sync"},
            [wheel(9, index="a")],
            before={"foo": "1.0+cpu"},
            after={"foo": "1.0", "dep": "1"},
        ),
        indexes={"a": A, "b": B},
        **optional,
    )
    assert causes(of, {"absent": ["d*"]}) == [
        "dep 1 is required by foo 1.0 of index a, which step 2 put in the place of foo 1.0+cpu; "
        "step 1 chose the extra cpu, and step 2 does not"
    ]


def test_venv_of_a_failed_command_is_told_as_it_was_left() -> None:
    """After a failed command, the failure is the cause, not a choice of the installer."""
    told = Told(INSTALL, before={"foo": "1.0"}, after={"foo": "1.0"}, exit=ExitKind.FAILURE)
    [_, cause] = causes(history(told), {"installed": {"foo": "2.0"}})
    assert cause == "step 1 failed and left the venv with foo 1.0 as it was"


def test_counts_are_told_by_names() -> None:
    """The cause of a wrong number of distributions names the added and removed distributions."""
    of = history(Told(INSTALL, before={"bar": "1"}, after={"foo": "1.0", "dep": "2"}))
    assert causes(of, {"added": 1}) == ["step 1 added dep 2 and foo 1.0 and removed bar 1"]


def test_project_that_is_not_installed_is_told_with_what_is_offered() -> None:
    """If no rule applies, the cause names the releases on the indexes."""
    of = history(Told(INSTALL, [page()]))
    assert causes(of, {"installed": {"foo": "1.0"}}) == [
        "step 1 did not install foo; index pypi offers foo 1.0"
    ]


def test_release_of_an_older_lockfile_is_told_by_the_lockfile() -> None:
    """If a sync installs an old release, the cause is the lockfile, as a sync reads no page."""
    lockfile = '[[package]]\nname = "foo"\nversion = "1.0"\n'
    of = history(
        Told(
            {"do": "sync"},
            [page(cache_control="max-age=600"), wheel()],
            after={"foo": "1.0"},
            lockfile=lockfile,
        ),
        Told(PUBLISH, lockfile=lockfile),
        Told({"do": "sync"}, before={"foo": "1.0"}, after={"foo": "1.0"}, lockfile=lockfile),
    )
    assert causes(of, {"installed": {"foo": "2.0"}}) == [
        "the lockfile of step 1 has foo 1.0, and step 3 used it and left it as it was; step 2 "
        "published foo 2.0 after that"
    ]


def test_goal_that_was_not_met_is_told_by_its_project() -> None:
    """If requirements are not met, the cause is that of the first missing project."""
    check = Check(CheckKind.SATISFIED, "what the step asks for", "foo is not installed", held=False)
    assert causes_of(check, history(Told(INSTALL, [page()]))) == (
        "step 1 did not install foo; index pypi offers foo 1.0",
    )


def test_venv_that_meets_the_install_is_told_before_an_old_page() -> None:
    """If the venv already meets the requirements, an old page is not the cause."""
    of = history(first(cache_control="no-store"), PUBLISH, kept(INSTALL))
    assert causes(of, {"installed": {"foo": "2.0"}}) == [
        "step 2 published foo 2.0; the venv held foo 1.0 from index pypi since step 1, and step 3 "
        "kept it, without asking an index or building it"
    ]


def test_project_that_went_is_told_with_the_extra_that_is_not_chosen_any_more() -> None:
    """The cause of a removed project names the extra that only an earlier step selected."""
    held = {"foo": MarkedDistribution("foo", "1.0")}
    of = history(
        Told({"do": "sync", "extras": ["x"]}, [wheel()], after=held),
        Told({"do": "sync"}, before=held),
        project={"optional-dependencies": {"x": ["foo"]}},
    )
    assert causes(of, {"installed": {"foo": "1.0"}}) == [
        "step 2 took foo out of the venv; step 1 chose the extra x, and step 2 does not; index "
        "pypi offers foo 1.0"
    ]


def test_project_that_the_step_asks_for_is_told_so() -> None:
    """If the step itself requires a project, the cause names no other requirement for it."""
    of = history(Told(INSTALL, [wheel()], after={"foo": MarkedDistribution("foo", "1.0")}))
    assert causes(of, {"added": {}}) == ["step 1 asks for foo and installed 1.0"]


def test_command_that_the_venv_met_is_told_as_an_install_is() -> None:
    """A verbatim install command has the same cause as the verb ``install``."""
    command = {"do": "command", "command": {"uv": "uv pip install foo"}}
    plain = replace(kept(command), command="uv pip install foo")
    newer = replace(kept(command), command="uv pip install -U foo")
    [cause] = causes(history(first("max-age=600"), PUBLISH, plain), {"installed": {"foo": "2.0"}})
    assert cause.startswith("step 2 published foo 2.0; the venv held foo 1.0 from index pypi")
    [cause] = causes(history(first("max-age=600"), PUBLISH, newer), {"installed": {"foo": "2.0"}})
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")


def test_failure_that_changed_the_venv_names_the_changes() -> None:
    """The cause names the distributions that the failed command added or removed."""
    held = {"foo": MarkedDistribution("foo", "1.0")}
    of = history(Told({"do": "sync"}, before=held, exit=ExitKind.FAILURE))
    assert causes(of, {"exit": "failure", "installed": {"foo": "1.0"}}) == [
        "step 1 failed when it had removed foo 1.0"
    ]


def test_offline_step_is_told_as_such() -> None:
    """If an offline step installs an older release, the cause says that the step was offline."""
    first = Told(INSTALL, [page(cache_control="no-store"), wheel()], after={"foo": "1.0"})
    offline = Told({**INSTALL, "offline": True}, after={"foo": "1.0"})
    of = history(first, {"do": "remove-venv"}, offline)
    [cause] = causes(of, {"installed": {"foo": "2.0"}})
    assert cause.startswith(
        "step 3, which is offline, installed foo 1.0 from index pypi, as step 1 had downloaded it"
    )


def test_kept_release_is_told_with_the_others_of_the_lockfile() -> None:
    """If a lockfile lists several versions of a project, the cause names the others."""
    text = "".join(
        f'name = "foo"\nversion = "{version}"\n' for version in ("1.0", "1.0+cpu", "1.0+cu")
    )
    sync, held = {"do": "sync"}, {"foo": "1.0+cpu"}
    first = Told(sync, [wheel(version="1.0+cpu")], after=held, lockfile=text)
    of = history(first, Told(sync, before=held, after=held, lockfile=text))
    kept = (
        "the venv held foo 1.0+cpu from index pypi since step 1, and step 2 kept it, without "
        "asking an index or building it, although the lockfile of step 1 has 1.0 and "
        "1.0+cu as well"
    )
    expect = {"installed": {"foo": "1.0"}, "removed": {"foo": "1.0+cpu"}}
    assert causes(of, expect) == [kept, kept]


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        (
            "uv --directory ../other sync",
            "step 1 works in folder other, and the check is about the venv of the step's folder "
            "project. "
            'With folder = "other" in the step, the check is about that venv',
        ),
        (
            "uv sync --directory ..",
            "step 1 works in the workspace's root, and the check is about the venv of the step's "
            "folder project",
        ),
        ("uv --directory . sync", "step 1 did not install foo; index pypi offers foo 1.0"),
    ],
)
def test_a_command_that_works_elsewhere_is_told(command: str, cause: str) -> None:
    """The cause names the other folder in which a command worked."""
    of = history(Told({"command": {"uv": command}}, [page(), wheel()]))
    assert causes(of, {"installed": {"foo": "1.0"}}) == [cause]
