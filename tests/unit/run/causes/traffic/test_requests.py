"""Causes of more requests of a kind than expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.messages import Exchange

from ..histories import INSTALL, PYPI, Told, asked_with, causes, history, page, wheel

NO_PAGE: Mapping[str, Any] = {"requests": {"page": 0}}
ONE_PAGE: Mapping[str, Any] = {"requests": {"page": 1}}


def failing(status: int, fault: str | None = None) -> Exchange:
    """Return a failed request for the page of foo."""
    failed = page(status=status)
    return replace(failed, subject=replace(failed.subject, fault=fault))


def test_retries_are_counted_with_their_answer() -> None:
    """The cause of retries names their number and the fault."""
    [cause] = causes(history(Told(INSTALL, [failing(503, "status")] * 4)), ONE_PAGE)
    assert cause == (
        "the page of foo was asked for 4 times in step 1, and each answer was 503 (fault status): "
        "all but the first are retries"
    )


def test_request_that_failed_once_is_told_with_the_answer_to_the_next() -> None:
    """The cause names the failed answer to a request for a page, and the answer to its retry."""
    of = history(Told(INSTALL, [failing(500, "status"), page(1)]))
    first = "the page of foo was answered with 500 (fault status) in step 1"
    assert causes(of, ONE_PAGE) == [f"{first}; a later request was answered with 200"]
    assert causes(of, {"requests": {"failed": 0}}) == [first]


def test_reset_connections_are_told_as_such() -> None:
    """A request without a response is reported as a reset."""
    reset = replace(failing(503), status=None)
    [cause] = causes(history(Told(INSTALL, [reset, reset])), ONE_PAGE)
    assert "each answer was a reset of the connection" in cause


def test_index_that_a_command_names_twice_is_told() -> None:
    """If a page gets two 404s, the cause names the command that names the index twice."""
    command = (
        "pip install --index-url https://pypi.org/simple --extra-index-url https://pypi.org/simple"
    )
    [cause] = causes(history(Told(INSTALL, [failing(404)] * 2, command=command)), ONE_PAGE)
    assert "was asked for twice in step 1, and answered with 404 each time" in cause
    assert cause.endswith("names the same index, https://pypi.org/simple, more than once")


def test_304_that_was_of_no_use_is_told() -> None:
    """If a request follows a 304, the cause names the fields that the 304 lacked."""
    asked = asked_with(page(8, 304), If_None_Match='"a"')
    of = history(Told(INSTALL, [page(etag='"a"')]), Told(INSTALL, [asked, page(9)]))
    [cause] = causes(of, ONE_PAGE)
    assert "answered with a 304 without ETag and Last-Modified, and so without the ETag" in cause
    assert "it was then asked for a second time, without a condition, and came whole" in cause


def test_page_that_came_twice_is_told_with_its_first_response() -> None:
    """If a page was sent twice, the cause names the header of its first response."""
    of = history(Told(INSTALL, [page(cache_control="no-store"), page(1)]))
    [cause] = causes(of, ONE_PAGE)
    assert cause == (
        "the page of foo came twice in step 1, and its first response said no-store, so it must "
        "not be stored (cache-control: no-store)"
    )


def test_request_that_failed_before_is_never_called_the_first() -> None:
    """If an earlier request for the page failed, the cause names both answers."""
    of = history(Told(INSTALL, [failing(404)]), Told(INSTALL, [failing(404)]))
    [cause] = causes(of, NO_PAGE)
    assert cause == (
        "the page of foo was answered with 404 in step 1, and step 2 asked for it again and got 404"
    )


def test_file_from_another_url_is_told_where_requests_are_counted() -> None:
    """For a wheel from another URL, checks of requests and of downloads have the same cause."""
    moved = replace(wheel(9), url="https://files.example/elsewhere.whl")
    [cause] = causes(history(Told(INSTALL, [wheel()]), Told(INSTALL, [moved])), {"requests": 0})
    assert "was asked for again: its URL changed: https://files.example/foo-1.0" in cause


def test_methods_are_told_where_one_url_was_asked_for_in_several_ways() -> None:
    """The cause counts HEAD, GET and range requests of one file separately."""
    head = replace(wheel(), method="HEAD", sent=0, length=0)
    part = replace(asked_with(wheel(), Range="bytes=0-1"), status=206)
    [cause] = causes(history(Told(INSTALL, [head, part, part])), {"requests": 0})
    assert "foo-1.0-py3-none-any.whl (HEAD once, GET with Range twice) was asked for" in cause


def test_redirect_is_told_with_the_slash_that_was_missing() -> None:
    """The cause of an additional request names the redirect to the URL with a slash."""
    moved = replace(
        page(location="https://pypi.org/simple/foo/"),
        url="https://pypi.org/simple/foo",
        status=301,
        sent=0,
        length=0,
    )
    [cause] = causes(history(Told(INSTALL, [moved, page(1)])), ONE_PAGE)
    assert (
        "redirect (301) to https://pypi.org/simple/foo/ (the slash at the end was missing)" in cause
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cache_control": "max-age=600"}, "may be reused for 600 s without asking"),
        ({}, "has no lifetime (no cache-control, no expires) and no validator"),
        ({"cache_control": "no-cache"}, "(cache-control: no-cache; no validator"),
    ],
)
def test_page_that_came_before_is_told_with_its_header(
    fields: Mapping[str, Any], words: str
) -> None:
    """The cause of a repeated page request names the header of the earlier response."""
    of = history(Told(INSTALL, [page(**fields)]), Told(INSTALL, [page(9)]))
    [cause] = causes(of, NO_PAGE)
    assert cause.startswith("the page of foo that came in step 1")
    assert words in cause
    assert cause.endswith("asked for it again without a condition, and the answer was 200")


@pytest.mark.parametrize(
    ("first", "between", "second", "words"),
    [
        (INSTALL, {"do": "clear-cache"}, INSTALL, "step 2 cleared the cache of everything"),
        ({**INSTALL, "no-cache": True}, INSTALL, INSTALL, "step 1 was played with no-cache"),
        (INSTALL, INSTALL, {**INSTALL, "no-cache": True}, "step 3 was played with no-cache"),
        (INSTALL, {"do": "prune-cache"}, INSTALL, "step 2 pruned the cache"),
    ],
)
def test_step_that_took_the_page_away_is_told(
    first: Mapping[str, Any], between: Mapping[str, Any], second: Mapping[str, Any], words: str
) -> None:
    """The cause names the step or option that removed a page that was still fresh."""
    fresh = page(cache_control="max-age=600")
    [cause] = causes(history(Told(first, [fresh]), between, Told(second, [page(9)])), NO_PAGE)
    assert cause.startswith("the page of foo that came in step 1 was asked for again: ")
    assert words in cause


def test_page_is_found_in_any_earlier_step() -> None:
    """The cause names the step in which a page came, even if it was several steps before."""
    of = history(Told(INSTALL, [page(etag='"a"')]), INSTALL, INSTALL, Told(INSTALL, [page(9, 304)]))
    [cause] = causes(of, NO_PAGE)
    assert "that came in step 1" in cause
    assert cause.endswith("step 4 revalidated it (304)")


def test_pages_of_one_reason_share_a_cause() -> None:
    """Pages that were requested again for the same reason have one cause."""
    pages = [page(etag="a"), page(etag="a", project="bar")]
    of = history(Told(INSTALL, pages), Told(INSTALL, [page(9, 304), page(9, 304, project="bar")]))
    [cause] = causes(of, NO_PAGE)
    assert cause.startswith("the page of foo that came in step 1 has no lifetime")
    assert cause.endswith("step 2 revalidated it (304). The same holds for the page of bar")


def test_each_reason_of_several_requests_is_told() -> None:
    """Pages with two kinds of header fields get a sentence each, and other pages are listed."""
    first = [
        page(),
        page(project="bar", cache_control="no-cache"),
        page(project="baz", cache_control="no-cache"),
        page(project="qux", cache_control="max-age=0"),
    ]
    again = [page(9, 304, project=name) for name in ("foo", "bar", "baz", "qux")]
    [cause] = causes(history(Told(INSTALL, first), Told(INSTALL, again)), NO_PAGE)
    assert cause == (
        "the page of foo that came in step 1 has no lifetime (no cache-control, no expires) and no "
        "validator (no etag, no last-modified); step 2 revalidated it (304). The page of bar that "
        "came in step 1 says no-cache, so it must not be used without asking the index "
        "(cache-control: no-cache; no validator (no etag, no last-modified)); step 2 revalidated "
        "it (304); the same holds for the page of baz; the page of qux was asked for as well"
    )


def test_only_what_was_counted_is_told() -> None:
    """The cause names only requests of the counted kind and index."""
    of = history(Told(INSTALL, [wheel(), page(1)]))
    assert causes(of, NO_PAGE) == ["the page of foo was asked for in step 1 for the first time"]
    other = {"requests-to": {"pypi": {"wheel": 0}}}
    assert "foo-1.0-py3-none-any.whl was asked for" in causes(of, other)[0]


def test_file_that_was_asked_for_again_is_told_with_metadata_and_ranges() -> None:
    """The cause of a wheel sent whole for its metadata names missing metadata and ranges."""
    indexes = {"pypi": {**PYPI, "metadata": False, "ranges": False}}
    fresh = wheel(cache_control="max-age=60")
    of = history(Told(INSTALL, [fresh]), Told(INSTALL, [wheel(9)]), indexes=indexes)
    [cause] = causes(of, {"requests": 0})
    assert "was asked for again: although the response of step 1 may be reused for 60 s" in cause
    assert "serves no core metadata for it (PEP 658)" in cause


def test_install_that_has_nothing_to_do_is_told_with_its_constraints() -> None:
    """If the venv already meets all requirements, the cause names the options of the command."""
    step = {**INSTALL, "constraints": ["bar<1"]}
    held = {"foo": "1.0"}
    second = Told(step, [asked_with(page(9, 304), If_None_Match="a")], before=held, after=held)
    of = history(Told(INSTALL, [page(cache_control="no-cache")], after=held), second)
    [cause] = causes(of, {"requests": 0})
    assert cause.startswith(
        "the venv already met the requirements of step 2, and nothing was changed"
    )
    assert "with the constraint bar<1, revalidated the page of foo" in cause


def test_sync_of_a_requirements_file_is_told_with_what_it_needs() -> None:
    """The cause says that a sync of a requirements file needs no metadata."""
    [cause] = causes(history(Told({"do": "sync-requirements"}, [page()])), NO_PAGE)
    assert cause.endswith(
        "although it installs exactly the releases that the requirements file lists"
    )


@pytest.mark.parametrize("count", [1, 2])
def test_page_that_failed_is_told_with_its_index_where_there_are_several(count: int) -> None:
    """If there are two indexes, the cause names the index that refused the page."""
    indexes = {"pypi": PYPI, "corp": {"url": "https://corp.example/simple"}}
    refused = Told(INSTALL, [page(status=403)] * count)
    [cause] = causes(history(refused, indexes=indexes), {"requests": {"failed": 0}})
    assert cause.startswith("the page of foo on index pypi was a")
    [cause] = causes(history(refused), {"requests": {"failed": 0}})
    assert cause.startswith("the page of foo was a")
