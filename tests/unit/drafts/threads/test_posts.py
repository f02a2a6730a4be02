"""The authors of the posts of a thread."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.threads.posts import find_posts


@pytest.mark.parametrize(
    ("opener", "other", "again"),
    [
        (
            "_Issue opened by @ann on 2025-08-15 11:36_",
            "_Comment by @bob on 2025-08-15 12:46_",
            "_Comment by @ann on 2025-08-16 12:46_",
        ),
        ("_@ann_", "_@bob_", "_@ann_"),
        ("author: ann", "_Comment by @bob on 2025-12-17_", "_Comment by @ann on 2025-12-17_"),
        ("author:\tann", "author:\tbob", "author:\tann"),
        ("ann opened on Aug 21, 2025", "bob commented on Aug 22, 2025", "ann commented 2 days ago"),
        ("**ann** commented last week", "## bob replied on 2025-01-02", "@ann commented yesterday"),
        (
            "ann · description · 2025-01-02",
            "bob · comment · 2025-01-03",
            "ann · comment · 2025-01-04",
        ),
    ],
)
def test_lines_of_the_opener(opener: str, other: str, again: str) -> None:
    """Lines before all posts, and those of the first author, are the opener's."""
    posts = find_posts(["# title", opener, "a", other, "b", again, "c"])
    assert [posts.is_opener(line) for line in range(1, 8)] == [
        *(True, True, True),
        *(False, False),
        *(True, True),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "_Label `bug` added by @bob on 2025-12-03 09:28_",
        "_Renamed from a to b by @bob on 2025-12-10 01:56_",
        "He commented that it is slow",
        "@bob what do you think?",
        "",
    ],
)
def test_line_that_begins_no_post(line: str) -> None:
    """Events of a tracker and mentions of people do not begin a post."""
    assert find_posts([line]).starts == ()
