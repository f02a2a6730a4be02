"""What the installer learnt of indexes: its own knowledge, which is no HTTP cache.

The HTTP cache holds responses for as long as their headers allow. Records hold facts for as long as
the installer cares: which files an index had, and what the core metadata of a file says. They make
``--offline`` work after a run that succeeded, whatever the headers were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A simple page as it was last seen; ``url`` is the page's own, after redirects.

    ``body`` is None where the index said that it has no such project, which is worth knowing too.
    """

    url: str
    content_type: str = ""
    body: bytes | None = None


class IndexRecords(Protocol):
    """Keeps what was learnt of indexes, from one run to the next; safe for threads."""

    def remember_page(self, index_url: str, project: str, page: PageRecord) -> None:
        """Keep the page in place of an older one.

        ``project`` is normalised, and empty for the one page of a flat index.

        Called after every answer of an index, so a page that is kept already should cost no write.
        """

    def recall_page(self, index_url: str, project: str) -> PageRecord | None:
        """Return the page that was kept last, None if the index was never asked."""

    def remember_metadata(self, key: str, metadata: bytes) -> None:
        """Keep a METADATA file; ``key`` tells by what it is believed."""

    def recall_metadata(self, key: str) -> bytes | None:
        """Return the METADATA that was kept under the key, if any."""
