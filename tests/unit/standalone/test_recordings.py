"""Recorded answers of indexes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.tables.changes import Fail
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
    """Return the header fields of an answer by name, in lower case."""
    return {name.lower(): value for name, value in answer["headers"]}


def test_pages_are_recorded_in_each_form_and_files_with_their_conditions() -> None:
    """All formats, validators, ranges and HEAD are recorded, and each body only once."""
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
    assert float(fields(wheel)["date"]) <= 0


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a script would be too large, it is refused before it is written."""
    monkeypatch.setattr(recordings, "MOST_BYTES", 10)
    scenario = loads(TEXT)
    recorder = Recorder(scenario, "uv/0.9.4")
    with pytest.raises(CommandError, match="too much for a script"):
        recorder.record(FakeIndexes(scenario.indexes, recorder.now))


def test_answers_are_recorded_without_the_user_in_the_url_of_an_index() -> None:
    """Recorded requests do not contain the user and the password of the index's URL."""
    scenario = loads(TEXT.replace("https://pypi.org", "https://me:secret@pypi.org"))
    recorder = Recorder(scenario, "uv/0.9.4", now=1_700_000_000.0)
    found = recorder.record(FakeIndexes(scenario.indexes, recorder.now))
    assert found["urls"][PAGE]["html"]["status"] == 200
    assert not [url for url in (*found["urls"], *found["missing"]) if "@" in url]


def test_answers_without_a_user_are_recorded_beside_those_for_users() -> None:
    """For an index with users, the responses to anonymous and wrong users are recorded, too."""
    text = TEXT.replace(
        'url = "https://pypi.org/simple"', 'url = "https://pypi.org/simple"\nusers = {ada = "x"}'
    )
    scenario = loads(text)
    recorder = Recorder(scenario, "uv/0.9.4", now=1_700_000_000.0)
    found = recorder.record(FakeIndexes(scenario.indexes, recorder.now))
    page = found["urls"][PAGE]["json"]
    assert (page["status"], page["anonymous"]["status"], page["stranger"]["status"]) == (
        200,
        401,
        401,
    )
    (wheel,) = (forms["any"] for url, forms in found["urls"].items() if url.endswith(".whl"))
    assert wheel["status"] == 200
    assert "anonymous" not in wheel
    assert found["users"] == {"pypi": {"ada": "x"}}


@pytest.mark.parametrize(
    ("table", "status", "urls"),
    [
        ({"how": "status", "status": 500, "kind": "page"}, 500, {PAGE, "https://pypi.org/simple/"}),
        ({"how": "cut", "kind": "wheel"}, 200, {"six-1.17.0-py3-none-any.whl"}),
        ({"how": "ignore-range", "kind": "wheel"}, 200, {"six-1.17.0-py3-none-any.whl"}),
        ({"how": "not-modified", "kind": "wheel"}, 304, {"six-1.17.0-py3-none-any.whl"}),
        ({"how": "status", "kind": "page", "project": "other"}, 0, set()),
    ],
)
def test_fault_is_recorded_with_the_answers_that_it_spoils(
    table: dict[str, Any], status: int, urls: set[str]
) -> None:
    """A fault is recorded with the responses that it changes, and leaves the indexes unchanged."""
    scenario = loads(TEXT)
    recorder = Recorder(scenario, "uv/0.9.4", now=1_700_000_000.0)
    indexes = FakeIndexes(scenario.indexes, recorder.now)
    before = recorder.record(indexes)
    fault = recorder.record_fault(indexes, Fail(do="fail", index="pypi", **table))
    shown = {url if url.endswith("/") else url.rpartition("/")[2] for url in fault["urls"]}
    assert urls <= shown
    assert all(it["status"] == status for forms in fault["urls"].values() for it in forms.values())
    assert recorder.record(indexes) == before
