"""Judgements about the attributes of files on pages."""

from __future__ import annotations

import json

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.battery.places import Places
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.rules.content_rules import judge_contents

PLACES = Places(
    "https://index.example/simple/", "foo", "https://index.example/foo-1-py3-none-any.whl"
)
FILE = "foo-1-py3-none-any.whl"


def answer(body: str, kind: str) -> ServerAnswer:
    """Return a 200 response with a body of a media type."""
    return ServerAnswer(200, Headers.of({"Content-Type": kind}), body.encode())


def judged(
    html: str | None = None, told: object = None, metadata: str | None = None
) -> dict[str, list[str]]:
    """Return grades and texts by subject, for a page with one file as HTML, as JSON, or as both.

    ``html`` are the attributes of the link, and ``told`` are the keys of the JSON entry.
    """
    answers = {}
    if html is not None:
        answers["page, text/html"] = answer(f'<a href="{FILE}" {html}>{FILE}</a>', "text/html")
    if told is not None:
        assert isinstance(told, dict)
        page = {"meta": {"api-version": "1.0"}, "files": [{"filename": FILE, "url": FILE, **told}]}
        answers["page, JSON v1"] = answer(json.dumps(page), "application/vnd.pypi.simple.v1+json")
    if metadata is not None:
        answers["core metadata"] = answer(metadata, "text/plain")
    found: dict[str, list[str]] = {}
    for each in judge_contents(Seen(PLACES, answers)):
        found.setdefault(each.subject, []).append(f"{each.grade}: {each.seen}")
    return found


SAYS_38 = "Metadata-Version: 2.1\nName: foo\nVersion: 1\nRequires-Python: >=3.8\n\n"


@pytest.mark.parametrize(
    ("html", "told", "metadata", "expected"),
    [
        (
            'data-requires-python="&gt;=3.8"',
            None,
            None,
            ["good: 1 of 1 files state the Python that they require"],
        ),
        (
            None,
            {"requires-python": ">=3.8"},
            None,
            ["good: 1 of 1 files state the Python that they require"],
        ),
        (
            'data-requires-python="&gt;=3.8"',
            {"requires-python": ">=3.8"},
            None,
            ["good: 1 of 1 files state the Python that they require"],
        ),
        (
            'data-requires-python="&gt;=3.8"',
            {},
            None,
            [
                f"wrong: {FILE}: HTML and JSON differ",
                "good: 1 of 1 files state the Python that they require",
            ],
        ),
        (
            None,
            {"requires-python": "three"},
            None,
            [f"wrong: {FILE}: 'three' is not a version specifier"],
        ),
        (None, {"requires-python": 3}, None, [f"wrong: {FILE}: '3' is not a version specifier"]),
        ("", None, None, None),
        ("", {"requires-python": None}, "Name: foo\n\n", None),
        (
            "",
            {},
            SAYS_38,
            ["costs: no file states one, but the core metadata of the wheel requires >=3.8"],
        ),
    ],
)
def test_requires_python_of_files(
    html: str | None, told: object, metadata: str | None, expected: list[str] | None
) -> None:
    """The Requires-Python of a file should be on the page, valid and equal in HTML and JSON."""
    assert judged(html, told, metadata).get("pages.requires-python") == expected


@pytest.mark.parametrize(
    ("html", "told", "expected"),
    [
        ("data-yanked", None, ["good: 1 of 1 files are yanked"]),
        ('data-yanked="broken"', {"yanked": "broken"}, ["good: 1 of 1 files are yanked"]),
        ("data-yanked", {"yanked": True}, ["good: 1 of 1 files are yanked"]),
        (None, {"yanked": ""}, ["good: 1 of 1 files are yanked"]),
        (
            "data-yanked",
            {"yanked": False},
            [f"wrong: {FILE}: HTML and JSON differ", "good: 1 of 1 files are yanked"],
        ),
        (
            None,
            {"yanked": 1},
            [
                f"wrong: {FILE}: its value is neither a boolean nor a string",
                "good: 1 of 1 files are yanked",
            ],
        ),
        ("", {"yanked": False}, None),
        ("", {}, None),
    ],
)
def test_yanked_files(html: str | None, told: object, expected: list[str] | None) -> None:
    """A yanked file must be marked in HTML and JSON; without a yanked file, nothing is judged."""
    assert judged(html, told).get("pages.yanked") == expected
