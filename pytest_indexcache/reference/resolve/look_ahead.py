"""Request pages and core metadata before they are needed, several at the same time."""

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
    """A finder and a metadata reader that send requests before the answers are needed.

    Only the resolver's thread starts requests, so that a resolution sends the same requests
    regardless of the order in which answers arrive. When the context exits, it waits for all
    requests. The error of a failed request is raised only if its answer is actually needed.
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
        # Ctrl-C and a time limit raise a BaseException: then requests that have not begun are
        # cancelled.
        is_interrupted = error is not None and not isinstance(error, Exception)
        self._pool.shutdown(cancel_futures=is_interrupted)

    def expect_projects(self, projects: Iterable[tuple[NormalizedName, str | None]]) -> None:
        """Start searching for projects, each on the named index or on all indexes."""
        fresh = [
            identifier for identifier in dict.fromkeys(projects) if identifier not in self._pages
        ]
        for project, index_name in fresh:
            self._pages[project, index_name] = self._pool.submit(
                self.finder.find, project, index_name
            )

    def expect_metadata(self, file: RemoteFile) -> None:
        """Start reading the core metadata of a file, unless the file itself must be downloaded."""
        if file.url not in self._files and file.metadata_hashes is not None:
            self._files[file.url] = self._pool.submit(self.metadata.read_file, file)

    def find(self, project: NormalizedName, index_name: str | None) -> ProjectReleases:
        """Return the result of :meth:`Finder.find`; if it is already running, wait for it."""
        begun = self._pages.get((project, index_name))
        return begun.result() if begun else self.finder.find(project, index_name)

    def find_again(self, project: NormalizedName, index_name: str | None) -> ProjectReleases:
        """Return the result of :meth:`Finder.find_again`, and reuse it in later calls."""
        self._pages.pop((project, index_name), None)
        return self.finder.find_again(project, index_name)

    def read_file(self, file: RemoteFile) -> CoreMetadata:
        """Return the result of :meth:`MetadataReader.read_file`; if it is running, wait for it.

        The resolver calls this in every round, so a command can be cancelled here.
        """
        self.metadata.checkpoint()
        begun = self._files.get(file.url)
        return begun.result() if begun else self.metadata.read_file(file)
