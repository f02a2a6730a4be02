"""Releases of lockfiles that come from an index."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.files.lockfiles import read_lockfile

A = "https://a.example/simple"


@pytest.mark.parametrize(
    ("entry", "is_read"),
    [
        ({"source": {"registry": A}}, True),
        ({"source": {"type": "legacy", "url": A, "reference": "a"}}, True),
        ({"index": A}, True),
        ({}, True),
        ({"source": {"virtual": "."}}, False),
        ({"source": {"editable": "lib"}}, False),
        ({"source": {"git": "https://a.example/x?rev=1"}}, False),
        ({"source": {"url": "https://a.example/six-1.0-py3-none-any.whl"}}, False),
        ({"source": {"type": "git", "url": "https://a.example/x.git"}}, False),
        ({"source": {"type": "directory", "url": "lib"}}, False),
        ({"source": {"type": "url", "url": "https://a.example/x.zip"}}, False),
        ({"git": "https://a.example/x.git"}, False),
        ({"path": "./lib"}, False),
        ({"vcs": {"type": "git"}}, False),
        ({"archive": {"url": "https://a.example/x.zip"}}, False),
    ],
)
def test_only_releases_of_an_index_are_read(entry: dict[str, Any], is_read: bool) -> None:
    """Entries of lockfiles for folders, repositories and URLs are left out."""
    lock = {"package": [{"name": "six", "version": "1.0", **entry}]}
    assert len(read_lockfile(lock)) == is_read
