"""The program in exported scripts, tested without sockets and processes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.standalone import program
from pytest_indexcache.standalone.program import RecordedIndexes, _count_problems

ANSWER = {"status": 200, "headers": [], "kind": "page"}


def test_program_is_of_the_standard_library_and_of_python_3_8() -> None:
    """The program imports only the standard library, and is valid in Python 3.8."""
    text = Path(program.__file__).read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 8))
    names = [it.names[0].name for it in ast.walk(tree) if isinstance(it, ast.Import)]
    names += [it.module or "" for it in ast.walk(tree) if isinstance(it, ast.ImportFrom)]
    own = {name.partition(".")[0] for name in names}
    assert own <= set(__import__("sys").stdlib_module_names)


@pytest.mark.parametrize(
    ("url", "accept", "found"),
    [
        ("https://a.example/six/", "application/vnd.pypi.simple.v1+json, text/html;q=0.1", "json"),
        ("https://a.example/six/", "application/vnd.pypi.simple.v1+html", "v1+html"),
        ("https://a.example/six/", "*/*", "html"),
        ("https://a.example/a+b.whl#sha256=x", "", "file"),
        ("https://a.example/a%2Bb.whl", "", "file"),
        ("https://a.example/other/", "", "missing"),
        ("https://b.example/", "", None),
    ],
)
def test_recorded_answer_is_found(url: str, accept: str, found: str | None) -> None:
    """An answer is found by Accept and decoded URL; any other request is a 404."""
    page = {form: {**ANSWER, "form": form} for form in ("json", "v1+html", "html")}
    urls = {
        "https://a.example/six/": page,
        "https://a.example/a%2Bb.whl": {"any": {"form": "file"}},
    }
    stage = {"urls": urls, "missing": {"https://a.example/": {"form": "missing"}}}
    indexes = RecordedIndexes({"stages": [stage], "bodies": {}})
    assert indexes.find(url, accept).get("form") == found


@pytest.mark.parametrize(
    ("expected", "names", "problems"),
    [
        ({}, [], []),
        ({}, ["a", "a"], ["downloads.a: expected 0, seen 2"]),
        ({"a": 1, "b*": ">= 1"}, ["a", "bc"], []),
        ({"a": "<= 1"}, ["a", "a"], ["downloads.a: expected <= 1, seen 2"]),
        (1, ["a", "b"], ["downloads: expected 1, seen 2"]),
        ("any", ["a"], []),
    ],
)
def test_counts_are_judged_as_a_play_judges_them(
    expected: Any, names: list[str], problems: list[str]
) -> None:
    """A project that no key of the expectation matches is unexpected, as in a play."""
    assert list(_count_problems("downloads", expected, names)) == problems
