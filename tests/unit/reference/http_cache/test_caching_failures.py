"""Stale responses, broken bodies and failing origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Request
from pytest_indexcache.reference.http_cache.origin import ResponseSource

from .setting import URL, Setting


def test_a_body_that_breaks_off_is_not_stored(setting: Setting) -> None:
    """If a body breaks off, the error is raised, and the body is not stored."""
    setting.server.fields = {"Cache-Control": "max-age=600"}
    setting.server.is_cut = True
    with pytest.raises(ConnectionFailedError):
        setting.get()
    setting.server.is_cut = False
    assert setting.get()[1:3] == (b"page", ResponseSource.NETWORK)


def test_a_body_shorter_than_announced_is_not_stored(setting: Setting) -> None:
    """A body shorter than its Content-Length is not stored, even without a transport error."""
    setting.server.fields = {"Cache-Control": "max-age=600", "Content-Length": "5"}
    setting.get()
    assert setting.source() is ResponseSource.NETWORK


def test_a_response_that_is_not_read_is_not_stored(setting: Setting) -> None:
    """A response that is closed before its body was read is not stored."""
    setting.server.fields = {"Cache-Control": "max-age=600"}
    setting.cache.send(Request("GET", URL), setting.server.send).close()
    response = setting.cache.send(Request("GET", URL), setting.server.send)
    next(response.chunks)
    response.close()
    assert setting.source() is ResponseSource.NETWORK


def test_a_disconnected_cache_serves_stale_where_nothing_forbids_it(setting: Setting) -> None:
    """A disconnected cache serves a stale response unless this is forbidden (RFC 9111 4.2.4)."""
    setting.server.fields = {"Cache-Control": "max-age=60"}
    setting.get()
    setting.server.now += 100
    setting.server.is_down = True
    assert setting.get()[::2] == (200, ResponseSource.STORE)


@pytest.mark.parametrize("directive", ["must-revalidate", "no-cache"])
def test_a_disconnected_cache_answers_504_where_stale_is_forbidden(
    setting: Setting, directive: str
) -> None:
    """A disconnected cache answers 504 if a stale response is forbidden (RFC 9111 5.2.2.2)."""
    setting.server.fields = {"Cache-Control": f"max-age=60, {directive}"}
    setting.get()
    setting.server.now += 100
    setting.server.is_down = True
    assert setting.get()[0] == 504


def test_a_failure_is_told_when_nothing_is_stored(setting: Setting) -> None:
    """If nothing is stored, a disconnected cache raises the connection error."""
    setting.server.is_down = True
    with pytest.raises(ConnectionFailedError):
        setting.get()


def test_a_cache_that_serves_nothing_stale_tells_the_failure(strict: Setting) -> None:
    """A cache that serves nothing stale raises the error, unless stale-if-error permits more."""
    strict.server.fields = {"Cache-Control": "max-age=60"}
    strict.get()
    strict.server.now += 100
    strict.server.is_down = True
    with pytest.raises(ConnectionFailedError):
        strict.get()
    strict.server.is_down = False
    strict.server.fields = {"Cache-Control": "max-age=60, stale-if-error=600"}
    strict.get()
    strict.server.now += 100
    strict.server.is_down = True
    assert strict.source() is ResponseSource.STORE


@pytest.mark.parametrize(("allowance", "status"), [("", 503), (", stale-if-error=600", 200)])
def test_an_error_is_replaced_only_by_permission(
    setting: Setting, allowance: str, status: int
) -> None:
    """A 503 is replaced by a stale response only if stale-if-error permits it."""
    setting.server.fields = {"Cache-Control": f"max-age=60{allowance}"}
    setting.get()
    setting.server.now += 100
    setting.server.status, setting.server.fields = 503, {}
    assert setting.get()[0] == status


def test_stale_while_revalidate_asks_after_it_has_answered(setting: Setting) -> None:
    """With stale-while-revalidate, a stale response is revalidated after it has been sent."""
    setting.server.fields = {"Cache-Control": "max-age=60, stale-while-revalidate=600"}
    setting.get()
    setting.server.now += 100
    setting.server.body = b"newer"
    response = setting.cache.send(Request("GET", URL), setting.server.send)
    assert b"".join(response.chunks) == b"page"
    assert setting.requests == 1
    response.close()
    response.close()
    assert setting.requests == 2
    assert setting.get()[1:3] == (b"newer", ResponseSource.STORE)


def test_a_revalidation_that_fails_afterwards_hurts_nobody(setting: Setting) -> None:
    """A failed revalidation in the background does not affect the stale response."""
    setting.server.fields = {"Cache-Control": "max-age=60, stale-while-revalidate=600"}
    setting.get()
    setting.server.now += 100
    setting.server.is_down = True
    assert setting.get()[:3] == (200, b"page", ResponseSource.STORE)


def test_stale_while_revalidate_can_be_declined(strict: Setting) -> None:
    """A cache that does not serve stale responses ignores stale-while-revalidate."""
    strict.server.fields = {"Cache-Control": "max-age=60, stale-while-revalidate=600"}
    strict.get()
    strict.server.now += 100
    assert strict.source() is ResponseSource.NETWORK


def test_a_damaged_body_is_fetched_again(setting: Setting, tmp_path: Path) -> None:
    """If a stored body has a wrong checksum, it is requested again, whether fresh or stale."""
    setting.server.fields = {"Cache-Control": "max-age=600"}
    setting.get()
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes().replace(b"page", b"Page"))
    assert setting.get()[1:3] == (b"page", ResponseSource.NETWORK)
    assert setting.get()[1:3] == (b"page", ResponseSource.STORE)


def test_a_body_damaged_before_validation_is_fetched_whole(
    setting: Setting, tmp_path: Path
) -> None:
    """After a 304 for a damaged body, the response is requested without a condition."""
    setting.server.fields = {"Cache-Control": "max-age=0", "ETag": '"1"'}
    setting.get()
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes().replace(b"page", b"Page"))
    setting.server.status = 304
    setting.get()
    assert [request.is_conditional for request in setting.server.asked] == [False, True, False]
