"""Project names found in the files of a user."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.captures.named_projects import (
    locked_names,
    named_in,
    named_in_lines,
    named_in_words,
)


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        ({"project": {"dependencies": ["a[x]>=1; python_version > '3'"]}}, ["a"]),
        ({"project": {"optional-dependencies": {"x": ["b"]}, "name": "own"}}, ["b"]),
        ({"dependency-groups": {"dev": ["c", {"include-group": "x"}]}}, ["c"]),
        ({"sources": {"d": [{"index": "main"}]}}, ["d"]),
        ({"tool": {"poetry": {"dependencies": {"python": ">=3", "e": {"version": "1"}}}}}, ["e"]),
        ({"tool": {"poetry": {"group": {"dev": {"dependencies": {"f": "*"}}}}}}, ["f"]),
        ([{"do": "install", "requirements": ["g>1"], "requirements-files": ["r.txt"]}], ["g"]),
        ({"project": {"requires-python": ">=3.11", "version": "1"}}, []),
        ({"tool": {"uv": {"no-build-isolation-package": ["k"]}}}, ["k"]),
        ({"tool": {"uv": {"exclude-newer-package": {"l": False}}}}, ["l"]),
        ({"tool": {"uv": {"extra-build-dependencies": {"m": ["n>1"]}}}}, ["m", "n"]),
        ({"tool": {"uv": {"dependency-metadata": [{"name": "o", "version": "1"}]}}}, ["o"]),
        ({"tool": {"pdm": {"dev-dependencies": {"test": ["h>1"]}}}}, ["h"]),
        (
            {"tool": {"poetry": {"dev-dependencies": {"i": ">1", "j": {"version": "1"}}}}},
            ["i", "j"],
        ),
    ],
)
def test_projects_of_tables_are_named(tables: Any, names: list[str]) -> None:
    """Requirements and keys of requirement tables name projects, and other strings do not."""
    assert list(named_in(tables)) == names


def test_projects_of_lines_are_named() -> None:
    """Lines of a requirements file name projects, even with options and hashes."""
    text = "a==1 \\\n    --hash=sha256:0\nb[x] ; sys_platform == 'x'\n-r other.txt\n# c\n"
    assert list(named_in_lines(text)) == ["a", "b"]


def test_projects_of_a_lockfile_are_named() -> None:
    """Each package in a lockfile is the name of a project."""
    assert list(locked_names('[[package]]\nname = "a"\nversion = "1"\n')) == ["a"]


def test_projects_of_options_are_named() -> None:
    """Options for single projects name them in the next argument, or after ``=``."""
    words = "uv sync --no-build-package a --refresh-package=b --config-settings-package c:x=y --dev"
    assert list(named_in_words(words.split())) == ["a", "b", "c"]
    assert list(named_in_words(["uv", "lock", "--upgrade-package", "d==1.0"])) == ["d"]
    assert list(named_in_words(["uv", "sync", "--exclude-newer-package", "e=2026-01-01"])) == ["e"]
