"""Directives that are marked in the text of causes."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.page.directives import marked
from pytest_indexcache.run.plays.results.cause_texts import directives


@pytest.mark.parametrize("text", ["", "no-store", "a no-store b", "max-age=60 immutable"])
def test_marks_cut_a_text_without_changing_it(text: str) -> None:
    """Every second part of a marked text is a directive, and the joined parts are the text."""
    parts = marked(text)
    assert "".join(parts) == text
    assert all(directives(part) for part in parts[1::2])
    assert not any(directives(part) for part in parts[::2])
