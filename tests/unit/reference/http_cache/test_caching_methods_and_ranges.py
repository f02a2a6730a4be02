"""Methods other than GET, conditional requests of the caller, and range requests."""

from __future__ import annotations

import pytest

from pytest_indexcache.reference.http_cache.origin import ResponseSource

from .setting import URL, Setting


def test_the_callers_condition_is_answered_from_the_store(setting: Setting) -> None:
    """A conditional request is answered from the store with a 304 or the response (4.3.2)."""
    setting.server.fields = {"Cache-Control": "max-age=600", "ETag": '"1"', "Content-Length": "4"}
    setting.get()
    status, body, source, headers = setting.get(("If-None-Match", '"1"'))
    assert (status, body, source, headers.get("ETag")) == (304, b"", ResponseSource.STORE, '"1"')
    assert setting.get(("If-None-Match", '"2"'))[:3] == (200, b"page", ResponseSource.STORE)
    assert setting.requests == 1


def test_the_callers_condition_is_forwarded_when_stale(setting: Setting) -> None:
    """If a response is stale, a conditional request is forwarded, and a 304 freshens it."""
    setting.server.fields = {"Cache-Control": "max-age=600", "ETag": '"1"'}
    setting.get()
    setting.server.now += 700
    setting.server.status = 304
    assert setting.get(("If-None-Match", '"1"'))[::2] == (304, ResponseSource.NETWORK)
    assert setting.get()[1:3] == (b"page", ResponseSource.STORE)


def test_head_is_answered_by_a_stored_get(setting: Setting) -> None:
    """A HEAD request is answered from a stored GET response, without a body."""
    setting.server.fields = {"Cache-Control": "max-age=600", "X-A": "1"}
    setting.get()
    status, body, source, headers = setting.get(method="HEAD")
    assert (status, body, source, headers.get("X-A")) == (200, b"", ResponseSource.STORE, "1")


def test_head_freshens_or_drops_a_stored_get(setting: Setting) -> None:
    """HEAD freshens a stored GET that it confirms, and drops one that it contradicts (4.3.5)."""
    setting.server.fields = {"Cache-Control": "max-age=60", "ETag": '"1"'}
    setting.get()
    setting.server.now += 100
    setting.get(method="HEAD")
    assert setting.get()[1:3] == (b"page", ResponseSource.STORE)
    setting.server.now += 100
    setting.server.fields["ETag"] = '"2"'
    setting.get(method="HEAD")
    setting.get()
    assert not setting.server.asked[-1].is_conditional


def test_head_alone_stores_nothing(setting: Setting) -> None:
    """A response to HEAD is not stored."""
    setting.server.fields = {"Cache-Control": "max-age=600"}
    setting.get(method="HEAD")
    assert setting.get()[1:3] == (b"page", ResponseSource.NETWORK)


def test_an_unsafe_method_invalidates_what_it_touches(setting: Setting) -> None:
    """An unsafe method invalidates its target and a same-origin Location, unless it failed."""
    other = "https://pypi.org/simple/numpy/"
    setting.server.fields = {"Cache-Control": "max-age=600"}
    for url in (URL, other):
        setting.get(url=url)
    setting.server.status = 500
    setting.get(method="POST")
    assert setting.source() is ResponseSource.STORE
    setting.server.status, setting.server.fields["Location"] = 201, "/simple/numpy/"
    setting.get(method="PUT")
    setting.server.status = 200
    assert setting.source() is ResponseSource.NETWORK
    assert setting.get(url=other)[2] is ResponseSource.NETWORK


def test_a_post_can_be_stored_for_gets(setting: Setting) -> None:
    """A fresh response to POST with its own Content-Location can be reused for GET (9.3.3)."""
    setting.server.fields = {"Cache-Control": "max-age=600", "Content-Location": URL}
    setting.get(method="POST")
    assert setting.source() is ResponseSource.STORE


def test_a_range_is_cut_from_the_whole(setting: Setting) -> None:
    """A range request is answered from a stored 200 with a 206 that has a Content-Range."""
    setting.server.fields = {"Cache-Control": "max-age=600", "Content-Length": "10"}
    setting.server.body = b"0123456789"
    setting.get()
    status, body, source, headers = setting.get(("Range", "bytes=2-4"))
    assert (status, body, source) == (206, b"234", ResponseSource.STORE)
    assert headers.get_all("Content-Range") == ("bytes 2-4/10",)
    assert headers.get_all("Content-Length") == ("3",)
    assert setting.get(("Range", "bytes=-1"))[1] == b"9"
    assert setting.get(("Range", "bytes=2-4"), ("If-Range", '"x"'))[:2] == (200, b"0123456789")
    assert setting.source(("Range", "bytes=10-")) is ResponseSource.NETWORK


def test_a_part_is_stored_and_answers_what_lies_in_it(setting: Setting) -> None:
    """A stored part answers ranges within it; the origin gets all other requests."""
    setting.server.status, setting.server.body = 206, b"45678"
    setting.server.fields = {"Cache-Control": "max-age=600", "Content-Range": "bytes 4-8/10"}
    setting.get(("Range", "bytes=4-8"))
    status, body, source, headers = setting.get(("Range", "bytes=5-7"))
    assert (status, body, source) == (206, b"567", ResponseSource.STORE)
    assert headers.get("Content-Range") == "bytes 5-7/10"
    assert setting.source(("Range", "bytes=3-5")) is ResponseSource.NETWORK
    assert setting.source() is ResponseSource.NETWORK


@pytest.mark.parametrize("content_range", ["bytes 4-9/10", "bytes 4-8/*", "lines 4-8/10", ""])
def test_a_part_that_is_not_what_it_says_is_not_stored(
    setting: Setting, content_range: str
) -> None:
    """A 206 with a wrong length or an unusable Content-Range is returned, but not stored."""
    setting.server.status, setting.server.body = 206, b"45678"
    setting.server.fields = {"Cache-Control": "max-age=600", "Content-Range": content_range}
    setting.get(("Range", "bytes=4-8"))
    assert setting.source(("Range", "bytes=4-8")) is ResponseSource.NETWORK
