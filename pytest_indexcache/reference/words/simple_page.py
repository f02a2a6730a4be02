"""A simple page, as an index sends it and as the records keep it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_indexcache.messages import Headers


@dataclass(frozen=True, slots=True)
class SimplePage:
    """A simple page; ``url`` is its URL after redirects, the base of relative links.

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
