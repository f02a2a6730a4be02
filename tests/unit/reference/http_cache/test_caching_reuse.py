"""How responses are stored, reused and validated, and the options of a caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import OfflineError
from pytest_indexcache.messages import http_date
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import ResponseSource

from .setting import START, URL, Setting

OFFLINE = CacheOptions(offline=True)
REFRESH = CacheOptions(refresh=True)


def test_a_fresh_response_is_reused_until_it_is_stale(setting: Setting) -> None:
    """A fresh response is reused with an Age field, but a stale response is not."""
    setting.server.fields = {"Cache-Control": "max-age=600"}
    assert setting.get()[:3] == (200, b"page", ResponseSource.NETWORK)
    setting.server.now += 599
    status, body, source, headers = setting.get()
    assert (status, body, source, headers.get("Age")) == (200, b"page", ResponseSource.STORE, "599")
    setting.server.now += 1
    assert setting.source() is ResponseSource.NETWORK
    assert setting.requests == 2


def test_no_store_is_not_stored(setting: Setting, tmp_path: Path) -> None:
    """A response with no-store is not written to the disk."""
    setting.server.fields = {"Cache-Control": "no-cache,no-store,must-revalidate"}
    setting.get()
    assert setting.source() is ResponseSource.NETWORK
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_stale_response_is_validated_and_freshened(setting: Setting) -> None:
    """After a 304, the stored body is returned with updated fields, and is fresh again."""
    setting.server.fields = {"Cache-Control": "max-age=600", "ETag": '"1"'}
    setting.get()
    setting.server.now += 700
    setting.server.status = 304
    setting.server.fields["X-New"] = "1"
    status, body, source, headers = setting.get()
    assert (status, body, source, headers.get("X-New")) == (
        200,
        b"page",
        ResponseSource.VALIDATED,
        "1",
    )
    assert setting.server.asked[-1].headers.get("If-None-Match") == '"1"'
    setting.server.now += 599
    assert setting.source() is ResponseSource.STORE


def test_a_new_response_replaces_the_stale_one(setting: Setting) -> None:
    """A 200 that answers a validation is returned, and replaces the stored response."""
    setting.server.fields = {"Cache-Control": "max-age=600", "ETag": '"1"'}
    setting.get()
    setting.server.now += 700
    setting.server.fields["ETag"], setting.server.body = '"2"', b"other"
    assert setting.get()[1] == b"other"
    assert setting.get()[1:3] == (b"other", ResponseSource.STORE)


def test_a_304_without_validators_is_reused_and_not_freshened(setting: Setting) -> None:
    """After a 304 without validators, the stored response is reused but not freshened."""
    setting.server.fields = {"Cache-Control": "max-age=0", "ETag": '"1"'}
    setting.get()
    setting.server.status, setting.server.fields = 304, {"Cache-Control": "max-age=600"}
    assert setting.get()[:3] == (200, b"page", ResponseSource.VALIDATED)
    assert setting.source() is ResponseSource.VALIDATED


def test_a_304_with_another_tag_makes_the_request_anew(setting: Setting) -> None:
    """A 304 with a different ETag is followed by an unconditional request."""
    setting.server.fields = {"Cache-Control": "max-age=0", "ETag": '"1"'}
    setting.get()
    setting.server.status, setting.server.fields["ETag"] = 304, '"2"'
    setting.get()
    assert [request.is_conditional for request in setting.server.asked] == [False, True, False]


def test_a_304_with_no_store_ends_the_storing(setting: Setting) -> None:
    """After a 304 with no-store, the stored response is returned once more, then removed."""
    setting.server.fields = {"Cache-Control": "max-age=0", "ETag": '"1"'}
    setting.get()
    setting.server.status = 304
    setting.server.fields["Cache-Control"] = "no-store"
    assert setting.get()[:3] == (200, b"page", ResponseSource.VALIDATED)
    setting.get()
    assert not setting.server.asked[-1].is_conditional


def test_variants_are_kept_side_by_side(setting: Setting) -> None:
    """The JSON and the HTML variant of a page are stored side by side."""
    setting.server.fields = {"Cache-Control": "max-age=600", "Vary": "Accept"}
    setting.server.body = b"html"
    setting.get(("Accept", "html"))
    setting.server.body = b"json"
    setting.get(("Accept", "json"))
    assert setting.get(("Accept", "html"))[1:3] == (b"html", ResponseSource.STORE)
    assert setting.get(("Accept", "json"))[1:3] == (b"json", ResponseSource.STORE)
    assert setting.source(("Accept", "xml")) is ResponseSource.NETWORK


def test_an_override_stores_what_the_index_forbids(setting: Setting) -> None:
    """A response with no-store is stored and reused only while an override permits it."""
    override = CacheOptions(override="max-age=365000000, immutable")
    setting.server.fields = {
        "Cache-Control": "max-age=0, no-cache, no-store", "Pragma": "no-cache",
        "Expires": http_date(START),
    }  # fmt: skip
    setting.get(options=override)
    setting.server.now += 1_000_000
    assert setting.source(options=override) is ResponseSource.STORE
    assert setting.source() is ResponseSource.NETWORK


def test_an_override_can_shorten(setting: Setting) -> None:
    """An override can shorten the freshness lifetime that the index sets."""
    setting.server.fields = {"Cache-Control": "max-age=365000000"}
    setting.get()
    setting.server.now += 60
    assert setting.source(options=CacheOptions(override="max-age=30")) is ResponseSource.NETWORK


def test_offline_reuses_however_stale(setting: Setting) -> None:
    """Offline, a stored response is reused even if stale, no-cache or must-revalidate."""
    setting.server.fields = {"Cache-Control": "no-cache, must-revalidate, max-age=0"}
    setting.get()
    setting.server.now += 1_000_000
    assert setting.source(options=OFFLINE) is ResponseSource.STORE
    assert setting.requests == 1


def test_offline_without_a_stored_response_is_an_error(setting: Setting) -> None:
    """Offline, the error for a response that is not stored names the URL and a remedy."""
    with pytest.raises(OfflineError, match=f"{URL} is not stored") as caught:
        setting.get(options=OFFLINE)
    assert "--offline" in caught.value.hint
    assert setting.requests == 0


def test_refresh_revalidates_what_is_fresh(setting: Setting) -> None:
    """A refresh causes this cache, and caches on the way to the origin, to revalidate."""
    setting.server.fields = {"Cache-Control": "max-age=600", "ETag": '"1"'}
    setting.get()
    setting.server.status = 304
    assert setting.source(options=REFRESH) is ResponseSource.VALIDATED
    asked = setting.server.asked[-1].headers
    assert (asked.get("Cache-Control"), asked.get("If-None-Match")) == ("no-cache", '"1"')


def test_bypass_neither_looks_nor_stores(setting: Setting) -> None:
    """A request that bypasses the cache neither reads nor writes the store."""
    bypass = CacheOptions(bypass=True)
    setting.server.fields = {"Cache-Control": "max-age=600"}
    setting.get(options=bypass)
    assert setting.source() is ResponseSource.NETWORK
    assert setting.source(options=bypass) is ResponseSource.NETWORK
    with pytest.raises(OfflineError):
        setting.get(options=CacheOptions(bypass=True, offline=True))


def test_ignoring_staleness_asks_only_for_what_is_missing(setting: Setting) -> None:
    """The variant that ignores staleness requests only responses that the store does not have."""
    trusting = CacheOptions(ignore_staleness=True)
    setting.server.fields = {"Cache-Control": "no-cache"}
    assert setting.source(options=trusting) is ResponseSource.NETWORK
    assert setting.source(options=trusting) is ResponseSource.STORE


def test_only_if_cached_is_answered_by_the_store_or_504(setting: Setting) -> None:
    """A request with only-if-cached is answered from the store, or with 504 (5.2.1.7)."""
    wish = ("Cache-Control", "only-if-cached")
    setting.server.fields = {"Cache-Control": "max-age=600"}
    assert setting.get(wish)[0] == 504
    setting.get()
    assert setting.get(wish)[::2] == (200, ResponseSource.STORE)
    setting.server.now += 700
    assert setting.get(wish)[0] == 504
    assert setting.requests == 1
