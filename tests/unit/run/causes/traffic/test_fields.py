"""Causes of unexpected header fields in requests."""

from __future__ import annotations

from typing import Any

import pytest

from ..histories import INSTALL, Told, asked_with, causes, history, page, wheel

AGAIN = page(9)


@pytest.mark.parametrize(
    ("first", "again", "wish", "cause"),
    [
        (
            page(etag='"a"'),
            AGAIN,
            {"if-none-match": True},
            'the page of foo came in step 1 with ETag: "a", and step 2 asked for it without a '
            "condition",
        ),
        (
            page(etag='"a"', last_modified="then"),
            asked_with(AGAIN, if_modified_since="then"),
            {"if-none-match": True},
            'the page of foo came in step 1 with ETag: "a", and step 2 asked for it only '
            "with if-modified-since",
        ),
        (
            page(),
            AGAIN,
            {"if-modified-since": "*"},
            "the page of foo came in step 1 without Last-Modified, so a conditional request was "
            "not possible",
        ),
        (
            wheel(),
            AGAIN,
            {"if-none-match": True},
            "step 2 asked for the page of foo, but no earlier step had received a complete "
            "response whose ETag it could have sent back",
        ),
        (
            page(etag='"a"'),
            asked_with(AGAIN, if_none_match='"a"'),
            {"if-none-match": False},
            'step 2 asked for the page of foo, which came in step 1, with if-none-match: "a"',
        ),
        (
            page(),
            asked_with(AGAIN, authorization="Basic c2VjcmV0"),
            {"authorization": False},
            "step 2 asked for the page of foo, which came in step 1, with authorization",
        ),
        (
            page(),
            asked_with(AGAIN, accept="text/html"),
            {"accept": "*json*"},
            "step 2 asked for the page of foo by GET with accept: text/html",
        ),
        (
            page(),
            AGAIN,
            {"accept-encoding": True},
            "step 2 asked for the page of foo by GET without accept-encoding",
        ),
        (page(), wheel(9), {"accept": True}, "step 2 made 1 request, and none of kind page"),
    ],
)
def test_field_is_told_with_the_request_and_what_it_could_repeat(
    first: Any, again: Any, wish: dict[str, Any], cause: str
) -> None:
    """The cause names the earlier validator, but never the value of a user's header field."""
    of = history(Told(INSTALL, [first]), Told(INSTALL, [again]))
    assert causes(of, {"fields": {"page": wish}}) == [cause]
