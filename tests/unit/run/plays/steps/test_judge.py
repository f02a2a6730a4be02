"""The difference of the lockfile in the result of a step."""

from __future__ import annotations

import pytest

from pytest_indexcache.run.plays.steps.judge import MOST_DIFF_LINES, lock_diff


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (None, None, []),
        ("a\n", "a\n", []),
        (None, "a\nb\n", ["@@ -0,0 +1,2 @@", "+a", "+b"]),
        ("a\n", None, ["@@ -1 +0,0 @@", "-a"]),
        ("a\nb\nc\nd\n", "a\nb\nx\nd\n", ["@@ -2,3 +2,3 @@", " b", "-c", "+x", " d"]),
    ],
)
def test_lockfile_is_kept_as_its_difference(
    before: str | None, after: str | None, lines: list[str]
) -> None:
    """An unchanged lockfile has no diff; a new or removed one is compared with empty text."""
    assert lock_diff(before, after).splitlines() == lines


def test_long_difference_is_cut_and_counted() -> None:
    """A long difference is cut, and its last line counts the remaining lines."""
    lines = lock_diff(None, "\n".join(map(str, range(1000)))).splitlines()
    assert len(lines) == MOST_DIFF_LINES + 1
    assert lines[-1] == f"… {1001 - MOST_DIFF_LINES} more lines"
