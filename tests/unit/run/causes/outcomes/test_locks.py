"""Causes of unexpected entries of the lockfile."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import LockedFile, LockedPackage

from ..histories import PUBLISH, PYPI, Told, causes, history, page

LOCK = {"do": "lock"}
HASHED = (LockedFile("foo-1.0-py3-none-any.whl", ("sha256:00",)),)
FOO_1 = {"foo": (LockedPackage("1.0", "https://pypi.org/simple", HASHED),)}


def test_lockfile_that_was_left_names_the_step_that_it_is_older_than() -> None:
    """The cause of an unchanged lockfile names the release that was published later."""
    of = history(
        Told(LOCK, [page()], lockfile="a", locked=FOO_1),
        Told(PUBLISH, lockfile="a"),
        Told({**LOCK, "upgrade": ["foo"]}, lockfile="a", locked=FOO_1),
    )
    assert causes(of, {"locked": {"foo": "2.0"}}) == [
        "step 2 published foo 2.0 on index pypi; step 3, told to upgrade foo, left the lockfile of "
        "step 1 as it was (foo 1.0) and asked no index"
    ]


def test_new_lockfile_is_told_beside_what_the_indexes_offer() -> None:
    """If no rule explains a version, the cause names the releases on each index."""
    packages = {"foo": {"1.0": {}, "1.0+cpu": {"tag": "py3-none-linux_x86_64"}}}
    of = history(
        Told(LOCK, [page()], lockfile="a", locked=FOO_1),
        indexes={"pypi": {**PYPI, "packages": packages}},
    )
    assert causes(of, {"locked": {"foo": "1.0+cpu"}}) == [
        "index pypi offers foo 1.0 (py3-none-any) and 1.0+cpu (py3-none-linux_x86_64) (pypi was "
        "asked); the lockfile that step 1 wrote has foo 1.0"
    ]


def test_old_page_explains_a_new_lockfile() -> None:
    """If a new lockfile lists an old version, the cause names the old page."""
    of = history(
        Told({"do": "install", "requirements": ["foo"]}, [page(cache_control="max-age=600")]),
        PUBLISH,
        Told(LOCK, lockfile="a", locked=FOO_1),
    )
    [cause] = causes(of, {"locked": {"foo": "2.0"}})
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")


def test_missing_hashes_are_told_by_the_pages() -> None:
    """The cause of missing hashes says which hashes the pages list."""
    locked = {"foo": (LockedPackage("1.0", "https://pypi.org/simple"),)}
    of = history(
        Told(LOCK, [page()], lockfile="a", locked=locked),
        indexes={"pypi": {**PYPI, "hashes": "none"}},
    )
    [cause] = causes(of, {"locked": {"foo": {"hashes": True}}})
    assert "the page of index pypi names no hash for foo-1.0-py3-none-any.whl" in cause


def test_failed_lock_is_told_by_its_error() -> None:
    """If a lockfile is missing, the cause names the error of the failed command."""
    of = history(Told(LOCK, output="error: it broke\n", exit=ExitKind.FAILURE))
    [_, cause] = causes(of, {"locked": {"foo": "2.0"}})
    assert cause == "step 1 failed. The installer said: it broke"


def test_version_that_an_add_left_is_not_blamed_on_an_old_page() -> None:
    """If a step changes other entries only, the cause is the lockfile, not an old page."""
    before = 'name = "foo"\nversion = "1.0"\n'
    after = f'name = "bar"\nversion = "1.0"\n{before}'
    of = history(
        Told(LOCK, [page(cache_control="max-age=600")], lockfile=before, locked=FOO_1),
        Told(PUBLISH, lockfile=before),
        Told({"do": "add", "requirements": ["bar"]}, lockfile=after, locked=FOO_1),
    )
    assert causes(of, {"locked": {"foo": "2.0"}}) == [
        "the lockfile of step 1 has foo 1.0, and step 3 kept that version; step 2 published foo "
        "2.0 after that"
    ]


def test_lockfile_that_was_left_after_a_304_is_told_with_that_304() -> None:
    """If an upgrade has no effect, the cause names the 304 that confirmed the old page."""
    lie = page(9, status=304)
    of = history(
        Told(LOCK, [page()], lockfile="a", locked=FOO_1),
        Told(PUBLISH, lockfile="a"),
        Told({**LOCK, "upgrade": True}, [lie], lockfile="a", locked=FOO_1),
    )
    [cause] = causes(of, {"locked": {"foo": "2.0"}})
    assert "was revalidated in step 3, and the index answered 304" in cause


def test_project_that_is_not_in_the_lockfile_is_told_with_the_edit_that_it_lacks() -> None:
    """With ``frozen``, the cause of a missing dependency names the lockfile and the edit."""
    edit = {"do": "edit", "project": {"dependencies": ["foo", "bar"]}}
    frozen = {"do": "sync", "frozen": True}
    text = 'name = "foo"\nversion = "1.0"\n'
    of = history(
        Told(LOCK, lockfile=text),
        Told(edit, lockfile=text),
        Told(frozen, lockfile=text, command="uv sync --frozen"),
        indexes={"pypi": {**PYPI, "packages": {"foo": {"1.0": {}}, "bar": {"1.0": {}}}}},
    )
    assert causes(of, {"installed": {"bar": "1.0"}}) == [
        "step 2 changed dependencies of the project; step 3 (--frozen) used the lockfile of "
        "step 1, which does not have bar"
    ]


def test_choice_of_a_new_lockfile_is_told_with_the_change_before_it() -> None:
    """If another release is locked, the cause names the step that yanked the first one."""
    yank = {"do": "yank", "index": "pypi", "project": "foo", "version": "2.0"}
    of = history(
        Told(LOCK, [page()], lockfile="a"),
        Told(yank, lockfile="a"),
        Told({**LOCK, "upgrade": True}, [page(9)], lockfile="b", locked=FOO_1),
        indexes={"pypi": {**PYPI, "packages": {"foo": {"1.0": {}, "2.0": {}}}}},
    )
    [cause] = causes(of, {"locked": {"foo": "2.0"}})
    assert cause.startswith("step 2 yanked foo 2.0; index pypi offers foo 1.0 and 2.0 (yanked)")


@pytest.mark.parametrize(
    ("locked", "expected", "said"),
    [
        ({}, "1.0", "wrote has no entry for foo"),
        ({"foo": (LockedPackage(None, None, HASHED),)}, "1.0", "wrote has foo without a version"),
        ({"foo": (LockedPackage("1.0", None),)}, {"hashes": True}, "has foo without hashes"),
        ({"foo": (LockedPackage("1.0", None, HASHED),)}, {"hashes": False}, "has foo with hashes"),
        (
            {"foo": (LockedPackage("1.0", None, HASHED),)},
            {"hashes": ["sha512"]},
            "has foo with the hashes sha256",
        ),
        ({"foo": (LockedPackage("1.0"),)}, {"hashes": "offered"}, "has foo with no hash"),
        (
            {"foo": (LockedPackage("1.0", None, HASHED),)},
            {"files": ["foo-1.0.tar.gz"]},
            "has foo with the files foo-1.0-py3-none-any.whl",
        ),
        ({"foo": (LockedPackage("1.0"),)}, {"files": ["foo-1.0.tar.gz"]}, "has foo without files"),
        (
            {"foo": (LockedPackage("1.0", None, HASHED),)},
            {"urls": ["https://a.example/*"]},
            "has foo without URLs of files",
        ),
        (
            {"foo": (LockedPackage("1.0", None, HASHED),)},
            {"index": "pypi"},
            "wrote has foo without an index",
        ),
        (
            {"foo": (LockedPackage("1.0", "https://a.example/", HASHED),)},
            {"index": "pypi"},
            "wrote has foo from https://a.example",
        ),
    ],
)
def test_lockfile_is_told_in_words(locked: dict[str, Any], expected: Any, said: str) -> None:
    """A project's entry in a lockfile is described in words, even if it is missing."""
    of = history(Told(LOCK, [page()], lockfile="a", locked=locked))
    [cause] = causes(of, {"locked": {"foo": expected}})
    assert cause.endswith(said)
