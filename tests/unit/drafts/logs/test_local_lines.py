"""Lines that name projects in folders and repositories."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.logs.reading import read_line


@pytest.mark.parametrize(
    ("line", "project"),
    [
        ("DEBUG Found static `pyproject.toml` for: my_app @ file:///home/me/app", "my-app"),
        ("DEBUG No static `pyproject.toml` available for: foo @ file:///x (PyprojectToml)", "foo"),
        ("DEBUG Searching for a compatible version of foo[web] @ file:///x (<0.1 | >0.1)", "foo"),
        ("DEBUG Identified uncached distribution: foo @ git+https://a.example/foo@1", "foo"),
        ("DEBUG Directory source requirement already cached: foo==0.1 (from file:///x)", "foo"),
        (" + foo==0.1.0 (from file:///x)", "foo"),
        ("   Built foo @ file:///x", "foo"),
        ("  Added foo==0.1 from file:///x to build tracker '/tmp/y'", "foo"),
        ("Collecting foo@ git+ssh://git@a.example/foo.git (from bar)", "foo"),
        ("Obtaining file:///home/me/app", ""),
        ("Processing ./packages/lib", ""),
        ("Processing C:\\Users\\me\\app", ""),
    ],
)
def test_project_that_no_index_has(line: str, project: str) -> None:
    """A project in a folder or repository is local, even if a line of pip names only the folder."""
    assert [(event.kind, event.project) for event in read_line(line)] == [("local", project)]


@pytest.mark.parametrize(
    "line",
    [
        "Processing /home/me/.cache/pip/wheels/ab/foo-1.0-py3-none-any.whl",
        "  Added foo==1.0 from file:///wheels/foo-1.0-py3-none-any.whl to build tracker '/tmp/y'",
        "Processing the file is slow",
        "git+ssh://git@a.example/foo.git is cloned",
        "foo @ https://a.example/foo-1.0-py3-none-any.whl",
    ],
)
def test_release_with_a_file_is_not_local(line: str) -> None:
    """A wheel in a folder or at a URL counts as a release that an index can have."""
    assert not any(event.kind == "local" for event in read_line(line))


@pytest.mark.parametrize("part", ["a @ ", "a==1 (from ", "Processing /", "@", "from file:"])
def test_hostile_line_is_read_in_linear_time(part: str) -> None:
    """A line that repeats parts of the patterns is read to its end in linear time."""
    assert len(read_line(part * 2000)) <= 1
