"""Asking for pages and core metadata before they are needed, several at a time."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from packaging.utils import NormalizedName

from pytest_indexcache.reference.index.finder import Finder, ProjectReleases
from pytest_indexcache.reference.resolve.core_metadata import CoreMetadata
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.words.packages import RemoteFile


class LookAhead:
    """A finder and a metadata reader that can be told what they will be asked for soon.

    Only the resolver's own thread tells them, so that the same resolution makes the same requests
    whatever the order of the answers; and the end of the context waits for all of them. An error
    counts only where its answer is really asked for.
    """

    def __init__(self, finder: Finder, metadata: MetadataReader, most_requests: int) -> None:
        self.finder = finder
        self.metadata = metadata
        self._pool = ThreadPoolExecutor(most_requests, thread_name_prefix="indexcache")
        self._pages: dict[tuple[NormalizedName, str | None], Future[ProjectReleases]] = {}
        self._files: dict[str, Future[CoreMetadata]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        # Ctrl-C and the end of a time limit are no Exception: what has not begun is not waited for.
        is_interrupted = error is not None and not isinstance(error, Exception)
        self._pool.shutdown(cancel_futures=is_interrupted)

    def expect_projects(self, projects: Iterable[tuple[NormalizedName, str | None]]) -> None:
        """Begin to find projects, each at the named index or at those in their order."""
        fresh = [it for it in dict.fromkeys(projects) if it not in self._pages]
        for project, index_name in fresh:
            self._pages[project, index_name] = self._pool.submit(
                self.finder.find, project, index_name
            )

    def expect_metadata(self, file: RemoteFile) -> None:
        """Begin to learn the core metadata of a file, if that takes no download of it."""
        if file.url not in self._files and file.metadata_hashes is not None:
            self._files[file.url] = self._pool.submit(self.metadata.read_file, file)

    def find(self, project: NormalizedName, index_name: str | None) -> ProjectReleases:
        """Return what :meth:`Finder.find` returns, waiting for it if it has begun."""
        begun = self._pages.get((project, index_name))
        return begun.result() if begun else self.finder.find(project, index_name)

    def find_again(self, project: NormalizedName, index_name: str | None) -> ProjectReleases:
        """Return what :meth:`Finder.find_again` returns, now and from then on."""
        self._pages.pop((project, index_name), None)
        return self.finder.find_again(project, index_name)

    def read_file(self, file: RemoteFile) -> CoreMetadata:
        """Return what :meth:`MetadataReader.read_file` returns, waiting for it if it has begun.

        The resolver does so in each of its steps: here its work can be ended.
        """
        self.metadata.checkpoint()
        begun = self._files.get(file.url)
        return begun.result() if begun else self.metadata.read_file(file)
