"""A simple page, either from an index or from the installer's records."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_indexcache.messages import Headers


@dataclass(frozen=True, slots=True)
class SimplePage:
    """A simple page; ``url`` is its URL after redirects, against which links are resolved.

    ``content_type`` is the value of the header field, or empty if the index did not send it.
    ``body`` has been decoded; it is None if the index answered that it does not have the project.
    ``headers`` are the header fields of the response; there are none for a page from the records.
    ``is_reused`` is true if the page was fresh in the HTTP cache, so no request was sent.
    """

    url: str
    content_type: str = ""
    body: bytes | None = None
    headers: Headers = field(default_factory=Headers)
    is_reused: bool = False
