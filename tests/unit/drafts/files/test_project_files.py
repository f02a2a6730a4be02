"""Project files, read in the same way for every installer."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.files.project_files import read_project_file

A, B = "attrs==1", "build==2"


@pytest.mark.parametrize(
    ("tool", "groups", "default"),
    [
        ({}, {"dev": [A]}, ("dev",)),
        ({}, {"test": [A]}, ()),
        ({"default-groups": ["test"]}, {"dev": [A], "test": [B]}, ("test",)),
        ({"default-groups": "all"}, {"dev": [A], "test": [B]}, ("dev", "test")),
        ({"default-groups": []}, {"dev": [A]}, ()),
        ({"default-groups": 1}, {"dev": [A]}, ()),
        ({"dev-dependencies": [A]}, {}, ("dev",)),
    ],
)
def test_default_groups(
    tool: dict[str, Any], groups: dict[str, Any], default: tuple[str, ...]
) -> None:
    """The group ``dev`` is synced by default, unless the project file names other groups."""
    words = read_project_file({"dependency-groups": groups, "tool": {"uv": tool}})
    assert words.default_groups == default


@pytest.mark.parametrize(
    ("groups", "read", "left_out"),
    [
        ({"a": [A, {"include-group": "B"}], "b": [B]}, {"a": [A, B], "b": [B]}, 0),
        ({"a": [{"include-group": "b"}], "b": [{"include-group": "a"}, B]}, {"a": [B]}, 2),
        ({"a": [{"include-group": "none"}]}, {"a": []}, 1),
        ({"a": "b"}, {"a": []}, 0),
    ],
)
def test_included_groups(groups: dict[str, Any], read: dict[str, list[str]], left_out: int) -> None:
    """A group contains the requirements of the groups that it includes; a circle is left out."""
    words = read_project_file({"dependency-groups": groups})
    assert {name: words.keys["dependency-groups"][name] for name in read} == read
    assert len(words.left_out) == left_out


def test_sources_that_lead_to_no_index() -> None:
    """Projects from folders, repositories and the workspace are found, and the project itself."""
    words = read_project_file(
        {
            "project": {"name": "My.App", "dependencies": ["my-app[web]", A]},
            "tool": {"uv": {"sources": {"Lib": {"path": "lib"}, "m": {"workspace": True}}}},
        }
    )
    assert words.elsewhere == {"lib", "m"}
    assert words.name == "my-app"


def test_indexes_with_one_url_are_one_index() -> None:
    """If two names in the file stand for one URL, their sources lead to the first name."""
    url = "https://download.pytorch.org/whl/cpu"
    entries = [{"name": "cpu", "url": url, "explicit": True}, {"name": "again", "url": f"{url}/"}]
    sources = {"torch": {"index": "cpu"}, "torchvision": {"index": "again"}}
    words = read_project_file({"tool": {"uv": {"index": entries, "sources": sources}}})
    assert [(index.name, index.is_explicit) for index in words.indexes] == [("cpu", False)]
    assert words.sources == {"torch": ({"index": "cpu"},), "torchvision": ({"index": "cpu"},)}
