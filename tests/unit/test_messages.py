"""HTTP requests, responses, header fields and exchanges, which are immutable values."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.messages import (
    BytesContent,
    Delivery,
    Exchange,
    Headers,
    Kind,
    Request,
    Response,
    Subject,
    http_date,
)


def test_header_names_compare_without_case() -> None:
    """Header field names are compared case-insensitively (RFC 9110 §5.1)."""
    headers = Headers.of({"Cache-Control": "no-store"})
    assert headers.get("cache-control") == "no-store"
    assert "CACHE-CONTROL" in headers
    assert headers.without("cache-control") == Headers()


def test_lines_of_a_field_are_joined_in_order() -> None:
    """The lines of a header field are joined by commas to one value (RFC 9110 §5.3)."""
    headers = Headers.of([("Vary", "Accept"), ("A", "1"), ("vary", "Origin")])
    assert headers.get("Vary") == "Accept, Origin"
    assert headers.get_all("vary") == ("Accept", "Origin")
    assert headers.get("B") is None


def test_set_replaces_and_setdefault_keeps() -> None:
    """``set`` replaces all lines of a field, and ``setdefault`` only adds a missing field."""
    headers = Headers.of([("A", "1"), ("a", "2")])
    assert headers.set("A", "3").fields == (("A", "3"),)
    assert headers.setdefault("A", "3") == headers
    assert headers.setdefault("B", "3").get("b") == "3"


@pytest.mark.parametrize("field", ["If-None-Match", "if-modified-since"])
def test_a_request_with_a_validator_is_conditional(field: str) -> None:
    """A request with any validator is conditional (RFC 9110 §13.1)."""
    assert Request("GET", "https://a/", Headers.of({field: "x"})).is_conditional
    assert not Request("GET", "https://a/").is_conditional


def test_host_is_the_name_alone() -> None:
    """The host of a request is in lower case, and has no user or port."""
    assert Request("GET", "https://u:p@Files.Example:8443/x").host == "files.example"


@given(st.binary(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_content_gives_the_slice_that_is_asked_for(data: bytes, start: int, stop: int) -> None:
    """The chunks of a range contain exactly the bytes of that range of the body."""
    assert b"".join(BytesContent(data).chunks(start, stop)) == data[start:stop]


WHEEL = Subject(Kind.WHEEL, "pypi", "a", "a.whl")
REQUEST = Request("GET", "https://a/a.whl")


def exchange(response: Response, sent: int, method: str = "GET") -> Exchange:
    """Return an exchange in which ``sent`` bytes of the response's body were sent."""
    return Exchange.of(replace(REQUEST, method=method), response, sent=sent, at=1.0)


def test_a_complete_wheel_is_a_download() -> None:
    """A GET of a file whose whole body was sent is a download and not a failure."""
    one = exchange(Response(200, content=BytesContent(b"abc"), subject=WHEEL), 3)
    assert one.is_complete
    assert one.is_download
    assert not one.is_failed


def test_a_wheel_that_broke_off_is_a_failure() -> None:
    """A response with fewer bytes than announced is a failure and not a download."""
    one = exchange(Response(200, content=BytesContent(b"abc"), subject=WHEEL), 2)
    assert not one.is_download
    assert one.is_failed


def test_head_is_neither_download_nor_failure() -> None:
    """A HEAD request is neither a download nor a failure, because it has no body."""
    one = exchange(Response(200, content=BytesContent(b"abc"), subject=WHEEL), 0, "HEAD")
    assert not one.is_download
    assert not one.is_failed


@pytest.mark.parametrize(
    "response",
    [
        Response(200, delivery=Delivery(drops="reset"), subject=WHEEL),
        Response(403, subject=Subject(refused="no such host")),
    ],
    ids=["reset", "refused"],
)
def test_what_never_went_out_has_no_status(response: Response) -> None:
    """An exchange that was reset or refused has no status, and counts as failed."""
    one = exchange(response, 0)
    assert one.status is None
    assert one.is_failed


def test_exchange_survives_json() -> None:
    """An exchange written to JSON and read back is equal to the original."""
    one = exchange(Response(200, Headers.of([("A", "1"), ("A", "2")]), BytesContent(b"abc")), 3)
    others = (replace(one, behind=replace(one, status=304)), replace(one, by="together[1]"))
    for it in (one, *others):
        assert Exchange.from_json(json.loads(json.dumps(it.to_json()))) == it


def test_http_date_is_imf_fixdate() -> None:
    """A date is written as IMF-fixdate (RFC 9110 §5.6.7)."""
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
