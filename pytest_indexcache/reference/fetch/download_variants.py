"""The downloader for variants: each of their bugs changes one decision in the correct code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.http_cache.origin import StreamedResponse
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives
from pytest_indexcache.reference.http_cache.rules.cache_policy import apply_override
from pytest_indexcache.reference.store.stored_files import StoredFile
from pytest_indexcache.reference.words.behaviour import Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.system.urls import local_path

_ADDED_CHARACTERS: Final = 20


class VariantDownloads(Downloads):
    """A downloader with the bugs that ``behaviour`` turns on.

    All other arguments are the same as for `Downloads`.
    """

    def __init__(self, *arguments: Any, behaviour: Behaviour, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._behaviour = behaviour
        if behaviour.lengthen_names:
            self._longest_name -= _ADDED_CHARACTERS
        if behaviour.trust_ranges:
            self._part_errors = ()

    # -- which copy is reused ----------------------------------------------------------------------

    def _obtain(self, file: RemoteFile) -> Path:
        in_place = self._in_place(file)
        is_local = local_path(file.url) is not None
        if self._behaviour.write_in_place and not is_local and in_place.is_file():
            return in_place
        return super()._obtain(file)

    def _find_stored(self, file: RemoteFile) -> StoredFile | None:
        """Find the stored copy of a file; some variants search by URL or release, not by hash."""
        if self._behaviour.store_by_index_url and not self._mark_of(file).exists():
            return None
        if self._behaviour.trust_urls:
            return self._store.find_by_url(file)
        if self._behaviour.prefer_stored and file.is_wheel:
            return self._store.find_wheel(file) or super()._find_stored(file)
        return super()._find_stored(file)

    # -- how a file is requested and checked -------------------------------------------------------

    def _take_whole(self, file: RemoteFile, response: StreamedResponse) -> IO[bytes] | None:
        if self._behaviour.separate_metadata:
            return BytesIO(response.read())
        return super()._take_whole(file, response)

    @contextmanager
    def _open(self, file: RemoteFile, begun: Path | None) -> Iterator[StreamedResponse]:
        with super()._open(file, None if self._behaviour.restart_downloads else begun) as response:
            yield response

    def _compare(self, file: RemoteFile, digests: Mapping[str, str]) -> None:
        if not self._behaviour.ignore_hash:
            super()._compare(file, digests)

    # -- what is kept ------------------------------------------------------------------------------

    def _partial_path(self, file: RemoteFile) -> Path:
        if not self._behaviour.write_in_place:
            return super()._partial_path(file)
        partial = self._in_place(file)
        partial.parent.mkdir(parents=True, exist_ok=True)
        return partial

    def _in_place(self, file: RemoteFile) -> Path:
        return self._store.folder / "in-place" / file.filename

    def _keep(
        self, partial: Path, file: RemoteFile, headers: Headers, digests: Mapping[str, str]
    ) -> Path:
        if self._behaviour.keep_no_wheel or self._behaviour.write_in_place:
            return partial
        if self._behaviour.obey_no_store and self._forbids_storing(headers, file.index):
            self._journal(f"{file.filename}: not stored, the response said no-store")
            return partial
        if self._behaviour.store_by_index_url:
            self._mark_of(file).parent.mkdir(parents=True, exist_ok=True)
            self._mark_of(file).touch()
        return super()._keep(partial, file, headers, digests)

    def _mark_of(self, file: RemoteFile) -> Path:
        """Return the path of the marker that records a download of a file.

        The path depends on the URL of the file's index and on the filename.
        """
        url = file.index.url if file.index else ""
        return self._store.folder / "marks" / sha256(f"{url} {file.filename}".encode()).hexdigest()

    def _forbids_storing(self, headers: Headers, index: IndexLocation | None) -> bool:
        """Return whether the response, or the user's Cache-Control override, contains no-store."""
        ignored = index is None or self._behaviour.override_on_request
        override = None if index is None or ignored else index.files_override
        return "no-store" in Directives.of(apply_override(200, headers, override))
