"""Directives and names in the text of causes."""

from __future__ import annotations

import pytest

from pytest_indexcache.run.plays.results.cause_texts import (
    cause_outline,
    deciding_directives,
    directives,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it said no-store", {"no-store"}),
        ("for 600 s (cache-control: max-age=600)", {"cache-control", "max-age"}),
        ("its ETag changed, and If-None-Match was not sent", {"etag", "if-none-match"}),
        ("because of --refresh-package", {"--refresh-package"}),
        ("the package storage-1.0 is in no-store-at-all", set()),
        ("https://a.example/private/x", set()),
        ("vary-1.0-py3-none-any.whl, age.whl", set()),
        ("", set()),
    ],
)
def test_directives_are_found_and_names_of_files_are_not(text: str, found: set[str]) -> None:
    """Fields, directives and options are marked in upper and lower case, but filenames are not."""
    assert directives(text) == found


@pytest.mark.parametrize(
    ("cause", "subject", "outline"),
    [
        ("torch-2.8.0-py3-none-any.whl came again in step 3", "torch", "* came again in step 0"),
        ("the page of foo.bar at https://a.example/x", "foo-bar", "the page of * at *"),
        ("foo-1.0.tar.gz may be reused for 600 s", "", "* may be reused for 0 s"),
    ],
)
def test_an_outline_has_no_names_and_numbers(cause: str, subject: str, outline: str) -> None:
    """Causes that differ in names, files, URLs and numbers have the same outline."""
    assert cause_outline(cause, subject) == outline


@pytest.mark.parametrize(
    ("cause", "deciding"),
    [
        ("it said no-store (cache-control: no-cache, no-store, max-age=0)", {"no-store"}),
        ("it is fresh (cache-control: max-age=60; expires: 0)", {"max-age"}),
        ("it has no cache-control", set()),
    ],
)
def test_directives_without_effect_do_not_decide(cause: str, deciding: set[str]) -> None:
    """A directive that another one overrules (RFC 9111 5.2.2) does not decide."""
    assert deciding_directives(cause) == deciding
