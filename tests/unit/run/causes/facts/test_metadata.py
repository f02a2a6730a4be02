"""Reasons for which an installer downloads a whole file for its metadata."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Exchange, Headers
from pytest_indexcache.run.causes.facts.metadata import MetadataAccess


def head(fields: Headers) -> Exchange:
    """Return the response to a HEAD request that has these header fields."""
    url = "https://i.example/x.whl"
    return Exchange(0.0, "HEAD", url, Headers(), 200, response_headers=fields)


HEAD = head(Headers())
OFFERED = head(Headers((("Accept-Ranges", "bytes"),)))


@pytest.mark.parametrize(
    ("answer", "statuses", "reason"),
    [
        (None, (), "was not asked for a range"),
        (HEAD, (), "offers no ranges (HEAD was answered 200 without Accept-Ranges)"),
        (OFFERED, (200, 200), "does not support ranges"),
        (OFFERED, (302, 200), "answered 302 when a range was requested"),
        (None, (403, None, 416), "answered 403 and 416 when a range was requested"),
    ],
)
def test_what_an_index_answered_to_a_range_is_told(
    answer: Exchange | None, statuses: tuple[int | None, ...], reason: str
) -> None:
    """An index that redirects a range request, or answers with an error, does not ignore ranges."""
    access = MetadataAccess(
        "a", is_apart=False, has_hash=True, head=answer, range_statuses=statuses
    )
    assert access.text == f"index a serves no core metadata for it (PEP 658) and {reason}"


def test_a_part_is_enough() -> None:
    """If a range was answered, the whole file was not downloaded for its metadata."""
    access = MetadataAccess("a", is_apart=False, has_hash=True, head=None, range_statuses=(206,))
    assert access.text == ""
