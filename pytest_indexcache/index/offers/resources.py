"""The resource at a URL on an index: its body, its metadata and its header fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from pytest_indexcache.index.documents.contents import Digests
from pytest_indexcache.index.offers.header_choices import profile_of
from pytest_indexcache.messages import Content, Headers, Subject
from pytest_indexcache.scenario.tables.fields import HeaderChoice, HeaderFields
from pytest_indexcache.servers.answers import AS_PYPI, Answers
from pytest_indexcache.servers.fields import Representation, apply_fields
from pytest_indexcache.servers.profiles import Group, ServerProfile


@dataclass(frozen=True)
class Resource:
    """A simple page in one format and coding, a core metadata file, a wheel or an sdist.

    ``fixed`` contains header fields that the profile cannot change. ``vary`` contains the names of
    the request fields that selected this representation. ``ranges`` is true if range requests are
    supported. ``other`` returns content with different bytes but the same length; it is None if no
    hash is published. ``answers`` describes how the index answers.
    """

    group: Group
    content: Content
    representation: Representation
    headers: HeaderChoice
    subject: Subject
    fixed: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ()
    ranges: bool = False
    answers: Answers = AS_PYPI
    other: Callable[[], Content] | None = None
    _latest: tuple[int | None, Headers] = (None, Headers())

    @cached_property
    def profile(self) -> ServerProfile:
        """The header profile that the resource uses."""
        return profile_of(self.headers)

    @cached_property
    def _chosen(self) -> HeaderFields:
        chosen: HeaderFields = getattr(self.headers, self.group)
        return chosen

    def fields(self, now: float, method: str = "GET") -> Headers:
        """Return the header fields for a 200; ``now`` is in seconds since the epoch."""
        headers = self._fields_now(now)
        return self._overlaid(headers, self.headers.head, now) if method == "HEAD" else headers

    def fields_of_304(self, headers: Headers, now: float) -> Headers:
        """Return the header fields for a 304; ``headers`` are those that a 200 would have."""
        repeated = self.profile.not_modified(headers)
        return self._overlaid(repeated, self.headers.not_modified, now)

    def _fields_now(self, now: float) -> Headers:
        # Dates have no fractions of a second, so these fields stay the same for a whole second.
        second, headers = self._latest
        if second != int(now):
            headers = self._fields(now)
            object.__setattr__(self, "_latest", (int(now), headers))
        return headers

    def _overlaid(self, headers: Headers, chosen: HeaderFields, now: float) -> Headers:
        return apply_fields(headers, chosen, self._represented(now), now) if chosen else headers

    def _represented(self, now: float) -> Representation:
        # RFC 9110 8.8.2.1: "An origin server with a clock MUST NOT generate a Last-Modified date
        # that is later than the server's time of message origination"
        representation = self.representation
        if representation.last_modified > now:
            return replace(representation, last_modified=now)
        return representation

    def _fields(self, now: float) -> Headers:
        representation = self._represented(now)
        headers = self.profile.respond(self.group, representation, now)
        for name, value in self.fixed:
            headers = headers.set(name, value)
        if not self.ranges and self.group != "pages":
            headers = headers.without("Accept-Ranges")
        if self.vary:
            headers = with_vary(headers, self.vary)
        if self.group == "pages" and self.answers.chunked:
            headers = headers.set("Transfer-Encoding", "chunked")
        else:
            headers = headers.set("Content-Length", str(representation.length))
        return self._overlaid(headers, self._chosen, now)


def representation(
    content_type: str, length: int, digests: Digests, last_modified: float, filename: str = ""
) -> Representation:
    """Return the properties of a body that header fields refer to, such as length and digests."""
    return Representation(
        content_type=content_type,
        length=length,
        sha256=digests.sha256,
        sha1=digests.sha1,
        md5=digests.md5,
        last_modified=last_modified,
        filename=filename,
    )


def with_vary(headers: Headers, names: tuple[str, ...]) -> Headers:
    """Return the header fields after adding these names to Vary."""
    known = {name.strip().lower() for name in (headers.get("Vary") or "").split(",")}
    missing = ", ".join(name for name in names if name.lower() not in known)
    if "*" in known or not missing:
        return headers
    return Headers((*headers.fields, ("Vary", missing)))
