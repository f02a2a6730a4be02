"""Validation requests, and how their responses are used."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers, Request, http_date
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    ByteRange,
    StoredResponse,
    is_fresh,
)
from pytest_indexcache.reference.http_cache.rules.cache_validation import (
    Identity,
    freshen,
    identify,
    is_confirmed_by_head,
    is_not_modified,
    validation_request,
)

NOW = 1_700_000_000.0
URL = "https://pypi.org/simple/torch/"
CHANGED = http_date(NOW - 86_400)


def stored(*fields: tuple[str, str], status: int = 200) -> StoredResponse:
    """Return a response that arrived an hour before NOW."""
    headers = Headers(fields).setdefault("Date", http_date(NOW - 3600))
    return StoredResponse(URL, status, headers, NOW - 3600, NOW - 3600)


def request(*fields: tuple[str, str], method: str = "GET") -> Request:
    """Return a request for the page."""
    return Request(method, URL, Headers(fields))


# -- 4.3.1 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"', "abc"])
def test_both_validators_are_sent_as_they_came(tag: str) -> None:
    """A validation request repeats the caller's fields, and adds both validators as conditions."""
    asked = request(("Accept", "text/html"))
    made = validation_request(asked, stored(("ETag", tag), ("Last-Modified", CHANGED)))
    assert made is not None
    assert made.headers.fields == (
        ("Accept", "text/html"), ("If-None-Match", tag), ("If-Modified-Since", CHANGED),
    )  # fmt: skip


def test_last_modified_alone_is_enough() -> None:
    """A response without an ETag is validated by its Last-Modified."""
    made = validation_request(request(), stored(("Last-Modified", CHANGED)))
    assert made is not None
    assert made.headers.fields == (("If-Modified-Since", CHANGED),)


def test_without_validator_there_is_no_validation() -> None:
    """A response without a validator cannot be validated."""
    assert validation_request(request(), stored()) is None


def test_a_subrange_is_not_validated_by_date() -> None:
    """If-Modified-Since is not added to a request for a subrange."""
    made = validation_request(
        request(("Range", "bytes=0-1")), stored(("ETag", '"a"'), ("Last-Modified", CHANGED))
    )
    assert made is not None
    assert "If-Modified-Since" not in made.headers
    assert made.headers.get("If-None-Match") == '"a"'


@pytest.mark.parametrize("name", ["If-None-Match", "If-Modified-Since", "If-Match", "If-Range"])
def test_conditions_of_the_caller_are_left_alone(name: str) -> None:
    """A request that is already conditional is forwarded unchanged."""
    assert validation_request(request((name, '"mine"')), stored(("ETag", '"a"'))) is None


def test_a_part_of_a_body_is_not_validated() -> None:
    """A stored part is not validated, because a 304 would confirm the complete response."""
    whole = stored(("ETag", '"a"'), status=206)
    part = StoredResponse(URL, 206, whole.headers, NOW, NOW, (), ByteRange(0, 4, 10))
    assert validation_request(request(), part) is None


# -- 4.3.4 -----------------------------------------------------------------------------------------


def received(headers: Headers) -> StoredResponse:
    """Return the head of a response that arrives now."""
    return StoredResponse(URL, 304, headers, NOW, NOW)


@pytest.mark.parametrize(
    ("kept", "received", "identity"),
    [
        ({"ETag": '"a"'}, {"ETag": '"a"'}, Identity.SAME),
        ({"ETag": '"a"'}, {"ETag": '"b"'}, Identity.OTHER),
        ({"ETag": 'W/"a"'}, {"ETag": '"a"'}, Identity.SAME),
        ({"ETag": '"a"'}, {"ETag": 'W/"a"'}, Identity.SAME),
        ({"Last-Modified": CHANGED}, {"ETag": '"a"'}, Identity.OTHER),
        ({"ETag": '"a"', "Last-Modified": CHANGED}, {"ETag": '"a"'}, Identity.SAME),
        ({"Last-Modified": CHANGED}, {"Last-Modified": CHANGED}, Identity.SAME),
        ({"Last-Modified": CHANGED}, {"Last-Modified": http_date(NOW)}, Identity.UNKNOWN),
        ({"ETag": '"a"'}, {}, Identity.UNKNOWN),
        ({"Last-Modified": CHANGED}, {}, Identity.UNKNOWN),
        ({}, {}, Identity.SAME),
    ],
)
def test_validators_tell_whether_a_304_is_about_what_is_stored(
    kept: dict[str, str], received: dict[str, str], identity: Identity
) -> None:
    """A 304 belongs to the stored response if its ETag or Last-Modified is the same."""
    assert identify(stored(*kept.items()), Headers.of(received)) is identity


def test_a_304_updates_the_stored_fields() -> None:
    """A 304 updates the stored header fields, and does not remove other stored fields (3.2)."""
    old = stored(
        ("ETag", '"a"'), ("Cache-Control", "max-age=60"), ("Kept", "1"), ("Changed", "1"),
        ("Changed", "2"), ("Age", "50"), ("Content-Length", "36"), ("Content-Encoding", "gzip"),
    )  # fmt: skip
    new = Headers.of(
        {
            "Date": http_date(NOW),
            "ETag": '"a"',
            "Cache-Control": "max-age=600",
            "Changed": "3",
            "New": "4",
            "Content-Length": "0",
            "Content-Encoding": "br",
            "Connection": "close, hop",
            "Hop": "x",
        }
    )
    fresh = freshen(old, request(), received(new))
    assert dict(fresh.headers) == {
        "Kept": "1",
        "Content-Length": "36",
        "Content-Encoding": "gzip",
        "Date": http_date(NOW),
        "ETag": '"a"',
        "Cache-Control": "max-age=600",
        "Changed": "3",
        "New": "4",
    }
    assert len(fresh.headers) == 8
    assert not is_fresh(old, NOW)
    assert is_fresh(fresh, NOW + 599)


def test_a_304_without_date_counts_from_its_coming() -> None:
    """After a 304 without Date, the age is counted from the arrival of the 304."""
    fresh = freshen(stored(("Cache-Control", "max-age=60")), request(), received(Headers()))
    assert fresh.headers.get_all("Date") == (http_date(NOW),)
    assert is_fresh(fresh, NOW + 59)


def test_a_weak_tag_does_not_become_strong() -> None:
    """A stored weak ETag stays weak after a 304 with the strong ETag."""
    fresh = freshen(stored(("ETag", 'W/"a"')), request(), received(Headers.of({"ETag": '"a"'})))
    assert fresh.headers.get("ETag") == 'W/"a"'


def test_a_new_vary_selects_anew() -> None:
    """If a 304 changes Vary, the fields of the validating request select the response."""
    fresh = freshen(stored(), request(("Accept", "x/y")), received(Headers.of({"Vary": "Accept"})))
    assert fresh.selecting == (("accept", "x/y"),)


# -- 4.3.5 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "confirmed"),
    [
        ({}, True),
        ({"ETag": '"a"', "Last-Modified": CHANGED, "Content-Length": "36"}, True),
        ({"ETag": '"b"'}, False),
        ({"Last-Modified": http_date(NOW)}, False),
        ({"Content-Length": "37"}, False),
    ],
)
def test_a_head_confirms_what_is_stored_or_not(received: dict[str, str], confirmed: bool) -> None:
    """A response to HEAD confirms a stored response with equal validators and length."""
    old = stored(("ETag", '"a"'), ("Last-Modified", CHANGED))
    assert is_confirmed_by_head(old, Headers.of(received), 36) is confirmed


# -- 4.3.2 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "not_modified"),
    [
        ([("If-None-Match", '"a"')], True),
        ([("If-None-Match", '"x", W/"a"')], True),
        ([("If-None-Match", "*")], True),
        ([("If-None-Match", '"x"'), ("If-None-Match", '"a"')], True),
        ([("If-None-Match", '"x"')], False),
        ([("If-None-Match", '"x"'), ("If-Modified-Since", http_date(NOW))], False),
        ([("If-Modified-Since", CHANGED)], True),
        ([("If-Modified-Since", http_date(NOW))], True),
        ([("If-Modified-Since", http_date(NOW - 2 * 86_400))], False),
        ([("If-Modified-Since", "yesterday")], False),
        ([("If-Match", '"a"')], False),
        ([], False),
    ],
)
def test_a_stored_response_answers_the_callers_conditions(
    fields: list[tuple[str, str]], not_modified: bool
) -> None:
    """If-None-Match takes precedence over If-Modified-Since, and other conditions are ignored."""
    response = stored(("ETag", '"a"'), ("Last-Modified", CHANGED))
    assert is_not_modified(request(*fields), response) is not_modified


def test_the_date_stands_in_for_the_last_change() -> None:
    """Without Last-Modified, If-Modified-Since is compared with the response's Date."""
    since = [http_date(NOW - 3600), http_date(NOW - 3601)]
    found = [is_not_modified(request(("If-Modified-Since", it)), stored()) for it in since]
    assert found == [True, False]


def test_an_error_is_no_representation() -> None:
    """Conditions of a request are evaluated only for a stored 200 or 206."""
    response = stored(("ETag", '"a"'), status=404)
    assert not is_not_modified(request(("If-None-Match", '"a"')), response)
