"""Causes of unexpected or missing entries of the installer's cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.run.causes.facts.history import History

from ..histories import INSTALL, Told, causes, history, wheel

NAME = "foo-1.0-py3-none-any.whl"
CLEAR = {"do": "clear-cache"}
REMOVE = {"do": "damage", "what": "wheel", "project": "foo", "how": "remove"}


def with_cache(of: History, *names: str, size: int = 0) -> History:
    """Return a history at whose end the cache contains wheels of foo."""
    entries = [CachedEntry(name, "foo") for name in names]
    seen = replace(of.current.seen, cached={"wheel": entries}, cache_bytes=size)
    return History((*of.played[:-1], replace(of.current, seen=seen)))


@pytest.mark.parametrize(
    ("last", "cause"),
    [
        (CLEAR, f"the cache has {NAME}, which came in step 1, although step 2 cleared the cache"),
        (
            {**CLEAR, "projects": ["foo"]},
            f"the cache has {NAME}, which came in step 1, although step 2 cleared the cache of foo",
        ),
        (INSTALL, f"the cache has {NAME}, which came in step 1"),
    ],
)
def test_entry_that_is_there_is_told_with_the_step_from_which_it_came(
    last: dict[str, Any], cause: str
) -> None:
    """The cause names the step that stored an entry, and a later step that cleared the cache."""
    of = with_cache(history(Told(INSTALL, [wheel()]), last), NAME)
    assert causes(of, {"cached": {"wheel": {}}}) == [f"after step 2 {cause}"]
    assert causes(of, {"cached": 0}) == [f"after step 2 {cause}"]


@pytest.mark.parametrize(
    ("first", "last", "cause"),
    [
        (INSTALL, CLEAR, f"{NAME} came in step 1, and step 2 cleared the cache"),
        (
            INSTALL,
            REMOVE,
            f"{NAME} came in step 1, and step 2 removed the wheel of foo from the cache",
        ),
        (
            {**INSTALL, "no-cache": True},
            INSTALL,
            f"{NAME} came in step 1, which was played with no-cache",
        ),
    ],
)
def test_entry_that_is_not_there_is_told_with_the_step_that_removed_it(
    first: dict[str, Any], last: dict[str, Any], cause: str
) -> None:
    """The cause of a missing entry names the step or option that removed or prevented it."""
    of = with_cache(history(Told(first, [wheel()]), last))
    assert causes(of, {"cached": {"wheel": {"foo": 1}}}) == [cause]


def test_entry_that_is_not_there_is_told_with_its_response() -> None:
    """If no step removed a missing entry, the cause names the header fields of its response."""
    of = with_cache(history(Told(INSTALL, [wheel(cache_control="no-store")])))
    [cause] = causes(of, {"cached": {"wheel": {"foo": 1}}})
    assert cause.startswith(f"{NAME} came in step 1; its response ")
    assert "cache-control: no-store" in cause


def test_entry_that_was_never_sent_is_told() -> None:
    """If no response could have been stored, the cause of a missing entry says so."""
    of = with_cache(history(INSTALL))
    assert causes(of, {"cached": {"wheel": {"foo": 1}}}) == [
        "no response of kind wheel of foo was sent in full up to step 1"
    ]
    assert causes(of, {"cached": 1}) == ["no response was sent in full up to step 1"]


def test_size_is_told_with_the_largest_responses() -> None:
    """The cause of a too large cache names the largest responses."""
    of = with_cache(history(Told(INSTALL, [wheel()]), CLEAR), size=1000)
    [cause] = causes(of, {"cache-bytes": "<= 10 B"})
    assert cause.startswith("the indexes sent ")
    assert f"the largest being {NAME} (" in cause
    assert cause.endswith("; step 2 cleared the cache")
