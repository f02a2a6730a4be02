"""Header fields that the allow-list of a capture permits."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.captures.indexes.header_fields import (
    common_fields,
    own_fields,
    scenario_fields,
)
from pytest_indexcache.messages import Headers

NOON = "Mon, 30 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Cache-Control", "max-age=600, public", "max-age=600, public"),
        ("Cache-Control", "no-cache,no-store", "no-cache,no-store"),
        ("Cache-Control", 'max-age=5, private="x-token", team=acme', "max-age=5"),
        ("ETag", 'W/"acme-build-7"', 'W/"$md5"'),
        ("ETag", "unquoted", False),
        ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT", "$modified"),
        ("Last-Modified", "Sun, 29 Nov 2026 12:00:00 GMT", "Sun, 29 Nov 2026 12:00:00 GMT"),
        ("Expires", "Mon, 30 Nov 2026 12:10:00 GMT", "${date+600}"),
        ("Expires", "0", "0"),
        ("Age", "17", "17"),
        ("Age", "acme", False),
        ("Vary", "Accept, X-Acme-Team, Cookie", "Accept, Cookie"),
        ("Accept-Ranges", "bytes", "bytes"),
    ],
)
def test_field_keeps_what_decides_about_caching(name: str, value: str, told: str | bool) -> None:
    """Directives, numbers, dates and known names are kept, and private words are removed."""
    headers = Headers.of({"Date": NOON, name: value})
    assert scenario_fields(headers, of_file=False)[name.lower()] == told


@pytest.mark.parametrize(
    "name", ["Set-Cookie", "X-Served-By", "Server", "Via", "X-Amz-Request-Id", "Link", "X-Acme"]
)
def test_field_that_is_not_in_the_list_is_left_out(name: str) -> None:
    """Fields that identify machines, sessions or requests are left out of a scenario."""
    headers = Headers.of({"Date": NOON, name: "cache-iad-host7"})
    assert "cache-iad-host7" not in str(scenario_fields(headers, of_file=True))


def test_what_most_have_is_the_index_s() -> None:
    """The most common value becomes that of the index; pages with another value keep their own."""
    many = [{"age": "1"}, {"age": "1"}, {"age": "2"}]
    common = common_fields(many)
    assert common == {"age": "1"}
    assert [own_fields(each, common) for each in many] == [{}, {}, {"age": "2"}]
