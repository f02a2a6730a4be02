"""Records of indexes, kept in memory for one test."""

from __future__ import annotations

from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.words.simple_page import SimplePage


class InMemoryRecords(IndexRecords):
    """Records of pages and metadata, in two dictionaries."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str], SimplePage] = {}
        self.metadata: dict[str, bytes] = {}

    def remember_page(self, index_url: str, project: str, page: SimplePage) -> None:
        """Record a page."""
        self.pages[index_url, project] = page

    def recall_page(self, index_url: str, project: str) -> SimplePage | None:
        """Return a recorded page."""
        return self.pages.get((index_url, project))

    def remember_metadata(self, key: str, metadata: bytes) -> None:
        """Record metadata."""
        self.metadata[key] = metadata

    def recall_metadata(self, key: str) -> bytes | None:
        """Return recorded metadata."""
        return self.metadata.get(key)
