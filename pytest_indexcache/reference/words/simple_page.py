"""A simple page, as sent by an index and as kept in the records."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_indexcache.messages import Headers


@dataclass(frozen=True, slots=True)
class SimplePage:
    """A simple page; ``url`` is its URL after redirects, to which relative links refer.

    ``content_type`` is the value of the header field, empty if the index sent none. ``body`` has no
    content coding, and is None if the index said that it does not have the project. ``headers`` are
    those of the response; a recorded page has none. ``is_reused`` says if it was fresh in the HTTP
    cache, so that the index was not asked.
    """

    url: str
    content_type: str = ""
    body: bytes | None = None
    headers: Headers = field(default_factory=Headers)
    is_reused: bool = False
