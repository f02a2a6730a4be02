"""Header fields of an answer, written as fields of a profile."""

from __future__ import annotations

import hashlib

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.profiles.fields import profile_fields

BODY = b"a wheel"
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(BODY).hexdigest()
DATE = "Mon, 30 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("ETag", f'"{MD5}"', '"$md5"'),
        ("ETag", f'W/"{SHA256}"', 'W/"$sha256"'),
        ("ETag", '"1234-5"', '"$opaque"'),
        ("ETag", "bare", "$opaque"),
        ("Last-Modified", DATE, "$modified"),
        ("Last-Modified", "yesterday", "yesterday"),
        ("Expires", DATE, "$date"),
        ("Expires", "Mon, 30 Nov 2026 10:10:00 GMT", "${date+600}"),
        ("Expires", "0", "0"),
        ("Cache-Control", "max-age=$1", "max-age=$$1"),
        ("Content-Disposition", "inline; filename=six.whl", 'inline; filename="$filename"'),
        ("Set-Cookie", "secret", None),
        ("X-Request-Id", "1", None),
        ("Server", "caf\u00e9", None),
        ("Vary", "v" * 5000, None),
    ],
)
def test_field_is_kept_with_placeholders(name: str, sent: str, kept: str | None) -> None:
    """Variable parts become placeholders, and fields that a profile cannot have are left out."""
    answer = ServerAnswer(200, Headers((("Date", DATE), (name, sent))), BODY)
    fields, _ = profile_fields(answer, of_file=False)
    assert fields == ({name.lower(): kept} if kept is not None else {})


def test_several_lines_stay_several() -> None:
    """Two lines of Vary stay two lines in the profile."""
    headers = Headers((("Date", DATE), ("Vary", "Accept"), ("Vary", "Origin")))
    fields, _ = profile_fields(ServerAnswer(200, headers), of_file=False)
    assert fields == {"vary": ("Accept", "Origin")}


def test_absent_date_is_said() -> None:
    """The profile of a server that sends no Date sends no Date either."""
    fields, _ = profile_fields(ServerAnswer(200, Headers()), of_file=False)
    assert fields == {"date": False}


def test_page_type_of_a_file_is_left_out() -> None:
    """A wheel that is sent as HTML is reported, and the field is left out of the profile."""
    answer = ServerAnswer(200, Headers.of({"Date": DATE, "Content-Type": "text/html"}))
    assert profile_fields(answer, of_file=True) == ({}, ["content-type"])
