"""Directives marked in the text of causes."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.page.directives import directives, marked


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
    """Fields, directives and options are marked in any case; filenames are not."""
    assert directives(text) == found


@pytest.mark.parametrize("text", ["", "no-store", "a no-store b", "max-age=60 immutable"])
def test_marks_cut_a_text_without_changing_it(text: str) -> None:
    """The joined parts are the text, and every second part is a directive."""
    parts = marked(text)
    assert "".join(parts) == text
    assert all(directives(part) for part in parts[1::2])
    assert not any(directives(part) for part in parts[::2])
