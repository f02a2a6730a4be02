"""Recorded answers of indexes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.standalone import recordings
from pytest_indexcache.standalone.recordings import Recorder

TEXT = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[[steps]]
do = "lock"
expect = { downloads = {} }
"""
PAGE = "https://pypi.org/simple/six/"


def fields(answer: Any) -> dict[str, str]:
    """Return the header fields of an answer by lower-case name."""
    return {name.lower(): value for name, value in answer["headers"]}


def test_pages_are_recorded_in_each_form_and_files_with_their_conditions() -> None:
    """Recordings have all formats, validators, ranges and HEAD, and each body once."""
    scenario = loads(TEXT)
    recorder = Recorder(scenario, "uv/0.9.4", now=1_700_000_000.0)
    found = recorder.record(FakeIndexes(scenario.indexes, recorder.now))
    urls = found["urls"]
    assert {form: fields(it)["content-type"] for form, it in urls[PAGE].items()} == {
        "json": "application/vnd.pypi.simple.v1+json",
        "v1+html": "application/vnd.pypi.simple.v1+html",
        "html": "text/html; charset=UTF-8",
    }
    assert urls[PAGE]["json"]["if-none-match"]["status"] == 304
    assert urls[PAGE.rstrip("/")]["any"]["status"] in (200, 301)
    assert urls["https://pypi.org/pypi/six/1.17.0/json"]["any"]["kind"] == "json"
    (wheel,) = (forms["any"] for url, forms in urls.items() if url.endswith(".whl"))
    assert (wheel["kind"], wheel["project"], wheel["range"]["status"]) == ("wheel", "six", 206)
    assert base64.b64decode(recorder.bodies[wheel["body"]])[:2] == b"PK"
    assert found["missing"]["https://pypi.org/simple/"]["status"] == 404
    assert "date" not in fields(wheel)


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that would be too large is refused before it is written."""
    monkeypatch.setattr(recordings, "MOST_BYTES", 10)
    scenario = loads(TEXT)
    recorder = Recorder(scenario, "uv/0.9.4")
    with pytest.raises(CommandError, match="which no script should hold"):
        recorder.record(FakeIndexes(scenario.indexes, recorder.now))


def test_answers_are_recorded_without_the_user_in_the_url_of_an_index() -> None:
    """Requests do not have the user and the password of an index's URL in their own URLs."""
    scenario = loads(TEXT.replace("https://pypi.org", "https://me:secret@pypi.org"))
    recorder = Recorder(scenario, "uv/0.9.4", now=1_700_000_000.0)
    found = recorder.record(FakeIndexes(scenario.indexes, recorder.now))
    assert found["urls"][PAGE]["html"]["status"] == 200
    assert not [url for url in (*found["urls"], *found["missing"]) if "@" in url]
