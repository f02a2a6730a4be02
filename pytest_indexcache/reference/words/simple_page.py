"""A simple page, as sent by an index and as kept in the records."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_indexcache.messages import Headers


@dataclass(frozen=True, slots=True)
class SimplePage:
    """A simple page; ``url`` is its URL after redirects, to which relative links refer.

    ``content_type`` is the value of the header field, empty if the index sent none. Any content
    coding of ``body`` has been undone; ``body`` is None if the index answered that it does not have
    the project. ``headers`` are the header fields of the response, empty for a recorded page.
    ``is_reused`` is true if the page was fresh in the HTTP cache, so that no request was sent.
    """

    url: str
    content_type: str = ""
    body: bytes | None = None
    headers: Headers = field(default_factory=Headers)
    is_reused: bool = False
