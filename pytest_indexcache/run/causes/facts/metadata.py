"""Determine how an index let the installer read a file's metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.wording import listed


@dataclass(frozen=True)
class MetadataAccess:
    """The ways in which an index let the installer read a file's metadata in the failed step.

    ``is_apart`` is true if the index serves the metadata as a separate file (PEP 658). ``has_hash``
    is true if the page gives a hash for the file. ``head`` is the response to a HEAD request, and
    ``range_statuses`` contains the status codes of the responses to range requests.
    """

    index: str
    is_apart: bool
    has_hash: bool
    head: Exchange | None
    range_statuses: tuple[int | None, ...]

    @property
    def partial(self) -> bool:
        """Whether the index answered a range request with a part of the file."""
        return 206 in self.range_statuses

    @property
    def text(self) -> str:
        """The reason why the metadata had to be read from the whole file, or an empty string."""
        if self.is_apart or self.partial:
            return ""
        return f"index {self.index} serves no core metadata for it (PEP 658) and {self._ranges}"

    @property
    def _ranges(self) -> str:
        if self.head is not None and self.head.response_headers.get("Accept-Ranges") != "bytes":
            return f"offers no ranges (HEAD was answered {self.head.status} without Accept-Ranges)"
        others = sorted({status for status in self.range_statuses if status not in (None, 200)})
        if others:
            return (
                f"answered {listed([str(status) for status in others])} when a range was requested"
            )
        return "does not support ranges" if self.range_statuses else "was not asked for a range"


def metadata_access(history: History, index: str, filename: str) -> MetadataAccess | None:
    """Return the ways to read a file's metadata, or None if the index does not have the file."""
    file = history.file(index, filename)
    if file is None:
        return None
    own = [e for e in history.seen.exchanges if e.subject.filename == filename]
    return MetadataAccess(
        index=index,
        is_apart=file.has_metadata,
        has_hash=file.named_hash != "none",
        head=last_head(own),
        range_statuses=tuple(e.status for e in own if e.is_range),
    )


def last_head(exchanges: Sequence[Exchange]) -> Exchange | None:
    """Return the first HEAD exchange that is not a redirect, or None if there was no HEAD.

    If every HEAD was redirected, the first redirect is returned.
    """
    heads = [exchange for exchange in exchanges if exchange.method == "HEAD"]
    final = [exchange for exchange in heads if "Location" not in exchange.response_headers]
    return next(iter(final or heads), None)


def is_file(exchange: Exchange) -> bool:
    """Return whether a request is for a wheel or an sdist."""
    return exchange.subject.kind in (Kind.WHEEL, Kind.SDIST)
