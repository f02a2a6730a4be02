"""Causes about pages that were reused although the index had newer ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.run.causes.facts.questions import Question
from pytest_indexcache.run.causes.traffic.pages import stale_page, stored_page
from pytest_indexcache.run.plays.results import Check, CheckKind

from ..histories import INSTALL, PUBLISH, REPLACE, Told, asked_with, history, page

CHECK = Check(CheckKind.INSTALLED, "2.0", "1.0", held=False, subject="foo")
LONG_AGO = "Fri, 03 Jan 2014 00:00:00 GMT"
DATE = "Mon, 13 Jan 2014 00:00:00 GMT"
LATER = "Tue, 14 Jan 2014 00:00:00 GMT"
AT = 1389571200.0
"""The time that DATE names."""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cache_control": "max-age=600"}, "may be reused for 600 s without asking"),
        ({"cache_control": "max-age=600", "age": "100"}, "may be reused for 500 s"),
        ({"cache_control": "max-age=99, immutable"}, "(cache-control: max-age=99, immutable)"),
        (
            {"cache_control": "no-cache, max-age=600"},
            "says no-cache, so it must not be used without",
        ),
        (
            {"cache_control": "max-age=0", "etag": '"a"'},
            "has a lifetime of zero, so it had to be asked for again",
        ),
        ({"cache_control": "max-age=0"}, "has a lifetime of zero and no validator (no etag, "),
        ({"expires": "0"}, "(no cache-control, expires: 0)"),
        ({"cache_control": "max-age=600", "age": "601"}, "with an age beyond its lifetime"),
        ({"cache_control": "max-age=3"}, "was fresh for 3 s and had become stale"),
        ({"last_modified": LONG_AGO, "date": DATE}, f"by its Last-Modified ({LONG_AGO})"),
        ({"last_modified": LONG_AGO, "date": DATE}, "for 86400 s, a tenth of the time"),
        ({}, "no lifetime (no cache-control, no expires) and no validator"),
        ({"etag": '"a"'}, "has no lifetime (no cache-control, no expires); step 3"),
        ({"cache_control": "no-store"}, "said no-store, so it must not be stored"),
        (
            {"cache_control": "no-store, max-age=9", "age": "5", "expires": "0", "pragma": "x"},
            "so it must not be stored (cache-control: no-store, max-age=9)",
        ),
        (
            {"cache_control": "no-cache", "age": "5", "expires": DATE, "etag": '"a"'},
            "without asking the index (cache-control: no-cache)",
        ),
        (
            {"cache_control": "max-age=600", "age": "5", "expires": "0", "pragma": "no-cache"},
            "for 595 s without asking (cache-control: max-age=600, age: 5)",
        ),
        (
            {"cache_control": "max-age=0", "age": "5", "expires": DATE, "etag": '"a"'},
            "it had to be asked for again (cache-control: max-age=0)",
        ),
        (
            {"cache_control": "public", "age": "5", "expires": "0", "etag": '"a"'},
            "it had to be asked for again (cache-control: public, expires: 0)",
        ),
        (
            {"cache_control": "no-store, must-understand", "age": "5", "expires": LATER},
            f"without asking (cache-control: no-store, must-understand, expires: {LATER}, age: 5)",
        ),
        (
            {"cache_control": "max-age=600", "vary": "*"},
            "varies on everything, so it must not be stored (vary: *)",
        ),
    ],
)
def test_header_that_decides_on_reuse_is_named(fields: Mapping[str, Any], words: str) -> None:
    """The cause of a page reused without a request names the header that allows it (RFC 9111)."""
    later = Told(INSTALL, [replace(page(AT + 9, project="bar"))])
    of = history(Told(INSTALL, [page(AT, **fields)]), PUBLISH, later)
    cause = stale_page(Question(CHECK, of), "foo")
    assert cause is not None
    assert words in cause.text
    assert "step 3 used it without asking index pypi" in cause.text
    assert "it is older than step 2, which published foo 2.0" in cause.text
    assert cause.origin == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (PUBLISH, "published foo 2.0"),
        (REPLACE, "replaced foo 1.0"),
        ({**REPLACE, "do": "yank"}, "yanked foo 1.0"),
        ({**REPLACE, "do": "delete"}, "deleted foo 1.0"),
    ],
)
def test_change_that_the_page_lacks_is_named(change: Mapping[str, Any], words: str) -> None:
    """The cause names the step whose change the reused page lacks."""
    of = history(Told(INSTALL, [page(cache_control="max-age=600")]), change, INSTALL)
    cause = stale_page(Question(CHECK, of), "foo")
    assert cause is not None
    assert words in cause.text


def test_page_that_was_asked_for_or_is_not_old_is_no_cause() -> None:
    """A page that this step requested, or that is still current, is not the cause."""
    first = Told(INSTALL, [page(cache_control="max-age=600")])
    asked = history(first, PUBLISH, Told(INSTALL, [page(9)]))
    assert stale_page(Question(CHECK, asked), "foo") is None
    unchanged = history(first, INSTALL)
    assert stale_page(Question(CHECK, unchanged), "foo") is None
    other = history(first, {**PUBLISH, "project": "bar"}, INSTALL)
    assert stale_page(Question(CHECK, other), "foo") is None


def test_304_that_keeps_an_old_page_is_named() -> None:
    """The cause names a 304 that kept an outdated page."""
    of = history(
        Told(INSTALL, [page(cache_control="no-cache")]),
        PUBLISH,
        Told(INSTALL, [asked_with(page(9, 304), If_None_Match='"a"')]),
    )
    cause = stale_page(Question(CHECK, of), "foo")
    assert cause is not None
    assert (
        'was revalidated in step 3, and the index answered 304 to If-None-Match: "a"' in cause.text
    )


def test_header_fields_of_a_304_count_from_then_on() -> None:
    """The reuse of a stored page depends on the header fields of its last 304."""
    of = history(
        Told(INSTALL, [page(cache_control="no-cache", etag='"a"')]),
        Told(INSTALL, [page(5, 304, cache_control="max-age=60")]),
        PUBLISH,
        INSTALL,
    )
    stored = stored_page(of, "pypi", "foo")
    assert stored is not None
    assert (stored.validated, stored.fresh.decider) == (2, "cache-control: max-age=60")
    assert stored.fresh.has_validator


def test_clearing_that_left_the_page_is_named() -> None:
    """If a page was reused after a clear-cache step, the cause names that step."""
    of = history(
        Told(INSTALL, [page(cache_control="max-age=600")]),
        {"do": "clear-cache", "projects": ["foo"]},
        PUBLISH,
        INSTALL,
    )
    cause = stale_page(Question(CHECK, of), "foo")
    assert cause is not None
    assert "although step 2 cleared it from the cache" in cause.text


def test_override_counts_in_place_of_the_header() -> None:
    """If the project overrides Cache-Control, the cause names the override and the header."""
    overrides = {"cache-control": {"pypi": {"pages": "max-age=50"}}}
    of = history(Told(INSTALL, [page(cache_control="no-cache")]), PUBLISH, INSTALL, **overrides)
    cause = stale_page(Question(CHECK, of), "foo")
    assert cause is not None
    assert "for 50 s without asking (the project's override 'max-age=50'" in cause.text
    assert "in place of cache-control: no-cache)" in cause.text
