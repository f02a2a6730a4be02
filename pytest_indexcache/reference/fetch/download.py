"""Fetch wheels and sdists in parallel, each only once, from the wheel store or from an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Event, Lock
from typing import IO, Final

from pytest_indexcache.errors import (
    ConnectionFailedError,
    HashMismatchError,
    IndexResponseError,
    InvalidDistributionError,
    OfflineError,
    ReferenceInstallerError,
)
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.fetch.parts import END, open_parts, read_part
from pytest_indexcache.reference.http_cache.origin import StreamedResponse
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.stored_files import Journal, StoredFile
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.hashes import ALGORITHMS, hash_file, unmet_hash
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.system.urls import local_path, without_credentials

_ATTEMPTS: Final = 3
_MOST_FILES: Final = 8
_LONGEST_NAME: Final = 255
_WORTH_SAYING: Final = 1 << 20


class Downloads(AbstractContextManager["Downloads"]):
    """Fetches files during a run; each file is fetched once, even if it is requested several times.

    A file that must not be stored is kept in the run's own folder. ``say`` is called with a line
    about each large download. ``find_moved`` returns a locked file with the URL that its index
    lists now, or None if the URL has not changed. At most ``most_requests`` downloads run at once.
    Thread-safe. The subclass `VariantDownloads` overrides individual decisions to reproduce bugs.
    """

    _longest_name: int = _LONGEST_NAME
    _part_errors: tuple[type[Exception], ...] = (ConnectionFailedError, IndexResponseError)
    """Errors after which the downloader gives up range requests and fetches the whole file."""

    def __init__(
        self,
        client: IndexClient,
        store: WheelStore,
        run: RunFolder,
        *,
        journal: Journal,
        say: Callable[[str], None],
        find_moved: Callable[[RemoteFile], RemoteFile | None] = lambda _: None,
        most_requests: int = _MOST_FILES,
    ) -> None:
        self._client = client
        self._store = store
        self._run = run
        self._journal = journal
        self._say = say
        self._find_moved = find_moved
        self._most_files = min(most_requests, _MOST_FILES)
        self._fetched: dict[str, Future[Path]] = {}
        self._without_parts = set[str]()
        self._lock = Lock()
        self._is_ending = Event()

    def __exit__(self, *details: object) -> None:
        self._is_ending.set()

    def fetch(self, file: RemoteFile) -> Path:
        """Return the local path of a file after checking its hashes.

        :raises HashMismatchError: if the file does not have the expected hash or the size in the
            lockfile
        :raises ConnectionFailedError: if the body did not arrive completely
        :raises OfflineError: if the file is not stored and the network is disabled
        :raises IndexResponseError: if the index answers with an error
        """
        path = self._fetch_once(file, lambda: self._obtain(file))
        if file.is_locked and file.size not in (None, path.stat().st_size):
            raise HashMismatchError(
                f"{file.filename} has {path.stat().st_size} bytes, and {file.size} in the lockfile",
                hint="lock again; nothing was installed",
            )
        return path

    def open_parts(self, file: RemoteFile) -> IO[bytes] | None:
        """Open a file to read parts of it on its index; return None if it must be fetched whole.

        Parts cannot be read if the file is on this machine, if no page lists its hash, or if its
        index does not support ranges. If such an index sends the whole file, the file is stored, so
        that it is not requested twice. Raises the same errors as :meth:`fetch`.
        """
        index = file.index
        if index is None or not file.hashes or self._is_here(file):
            return None
        if self._client.offline or index.public_url in self._without_parts:
            return None

        def ask(wanted: str) -> AbstractContextManager[StreamedResponse | None]:
            return self._client.open_part(file.url, index, wanted)

        with ask(f"bytes=-{END}") as response:
            if response is None or response.part is None:
                self._journal(f"{file.filename}: its index answers no ranges")
                self._without_parts.add(index.public_url)
                return None if response is None else self._take_whole(file, response)
            with suppress(*self._part_errors):
                return open_parts(ask, read_part(response, END))
        return None

    def _take_whole(self, file: RemoteFile, response: StreamedResponse) -> IO[bytes] | None:
        """Store a file that the index sent completely, although only a part was requested.

        The result is always None, because a stored file is not read in parts.
        """
        self._fetch_once(file, lambda: self._download(file, response))
        return None

    def _is_here(self, file: RemoteFile) -> bool:
        is_local = local_path(file.url) is not None
        return is_local or _key(file) in self._fetched or self._store.has(file)

    def _fetch_once(self, file: RemoteFile, obtain: Callable[[], Path]) -> Path:
        if len(file.filename) > self._longest_name:
            raise InvalidDistributionError(
                f"{file.filename[:40]}… of {file.project}: its name has {len(file.filename)} "
                f"characters, and file systems allow {_LONGEST_NAME}",
                hint="require another release of it",
            )
        key = _key(file)
        with self._lock:
            is_first = key not in self._fetched
            future = self._fetched.setdefault(key, Future())
        if is_first:
            try:
                future.set_result(obtain())
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def fetch_again(self, file: RemoteFile) -> Path:
        """Fetch a file again because its copy is damaged."""
        with self._lock:
            self._fetched.pop(_key(file), None)
        return self.fetch(file)

    def fetch_all(self, files: Sequence[RemoteFile]) -> list[Path]:
        """Fetch files in parallel; the first error cancels the rest.

        Raises the same errors as :meth:`fetch`.
        """
        with ThreadPoolExecutor(self._most_files, thread_name_prefix="indexcache") as pool:
            futures = [pool.submit(self.fetch, file) for file in files]
            try:
                return [future.result() for future in futures]
            except BaseException:
                self._is_ending.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _obtain(self, file: RemoteFile) -> Path:
        path = local_path(file.url)
        if path is not None:
            return self._check_local(file, path)
        stored = self._find_stored(file)
        if stored is not None:
            return stored.path
        if not self._client.offline:
            return self._download_or_find(file)
        if not file.hashes:
            stored = self._store.find_by_url(file)
            if stored is not None:
                return stored.path
        raise OfflineError(
            f"{file.filename} is not stored, and the network is disabled",
            hint="run the same command once without --offline",
        )

    def _find_stored(self, file: RemoteFile) -> StoredFile | None:
        """Find the stored copy of a file by the file's hash."""
        return self._store.find(file)

    def _check_local(self, file: RemoteFile, path: Path) -> Path:
        """Check the hashes of a local file; the file is not copied to the store."""
        try:
            self._compare(file, _digests(file, path))
        except OSError as error:
            raise InvalidDistributionError(f"{path} cannot be read: {error.strerror}") from error
        return path

    def _download_or_find(self, file: RemoteFile) -> Path:
        """Download a file; if its locked URL fails, use the URL that its index lists now.

        This is useful if a signed URL has expired. The hash in the lockfile ensures that both URLs
        point to the same file.
        """
        try:
            return self._download(file)
        except IndexResponseError:
            moved = self._find_moved(file)
            if moved is None:
                raise
            self._journal(f"{file.filename}: its URL fails, and its index lists another one")
            return self._download(moved)

    def _download(self, file: RemoteFile, begun: StreamedResponse | None = None) -> Path:
        """Download a file and store it; ``begun`` is a response with an unread body."""
        partial = self._partial_path(file)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                opened = self._open(file, partial if attempt > 1 else None)
                with nullcontext(begun) if begun else opened as response:
                    digests = self._write(response, file, partial)
            except ConnectionFailedError as error:
                begun = None
                self._journal(f"{file.filename}: attempt {attempt} broke off: {error.problem}")
                if attempt == _ATTEMPTS:
                    raise
            else:
                return self._keep(partial, file, response.headers, digests)
        raise AssertionError("the last attempt returns or raises")

    def _partial_path(self, file: RemoteFile) -> Path:
        return self._run.new_path(file.filename)

    @contextmanager
    def _open(self, file: RemoteFile, begun: Path | None) -> Iterator[StreamedResponse]:
        """Open a download; if ``begun`` contains the first part of the file, request the rest."""
        have = begun.stat().st_size if begun and begun.exists() and file.hashes else 0
        has_parts = file.index is None or file.index.public_url not in self._without_parts
        if have and has_parts:
            wanted = f"bytes={have}-"
            with self._client.open_part(file.url, file.index, wanted) as response:
                if response is not None and (response.part is None or response.part.first == have):
                    yield response
                    return
        # A file with a hash goes to the wheel store; the HTTP cache would keep a second copy.
        with self._client.open_file(file.url, file.index, store=not file.hashes) as response:
            yield response

    def _write(self, response: StreamedResponse, file: RemoteFile, partial: Path) -> dict[str, str]:
        """Stream a file to ``partial``, and return its digests."""
        self._announce(file, response.headers)
        with partial.open("wb" if response.part is None else "ab") as target:
            for piece in response.chunks:
                if self._is_ending.is_set():
                    raise ReferenceInstallerError(f"{file.filename}: the download was cancelled")
                target.write(piece)
        size, digests = partial.stat().st_size, _digests(file, partial)
        # If the hash is right, the bytes are right, even if the page names another size.
        is_right = file.hashes and unmet_hash(file.hashes, digests) is None
        if file.size not in (None, size) and not is_right:
            partial.unlink()
            raise ConnectionFailedError(
                f"{without_credentials(file.url)} sent {size} bytes, not {file.size}",
                hint="try again; if it happens again, report it to the operator of the index",
            )
        self._journal(f"{file.filename}: downloaded, {size} bytes")
        self._compare(file, digests)
        return digests

    def _announce(self, file: RemoteFile, headers: Headers) -> None:
        length = headers.get("Content-Length") or ""
        size = file.size or (int(length) if length.isdecimal() else 0)
        if size >= _WORTH_SAYING:
            self._say(f"Downloading {file.project} ({size / (1 << 20):.1f}MiB)")

    def _compare(self, file: RemoteFile, digests: Mapping[str, str]) -> None:
        name = unmet_hash(file.hashes, digests)
        if name is None:
            return
        raise HashMismatchError(
            f"{file.filename} from {without_credentials(file.url)} has the wrong hash: "
            f"expected {name} {file.hashes[name]}, got {digests.get(name, 'nothing known')}",
            hint="it has changed since its hash was recorded; it was not installed",
        )

    def _keep(
        self,
        partial: Path,
        file: RemoteFile,
        headers: Headers,  # noqa: ARG002
        digests: Mapping[str, str],
    ) -> Path:
        """Store a complete file and return its path in the store; ``headers`` are ignored."""
        return self._store.add(partial, file, digests).path


def _key(file: RemoteFile) -> str:
    """Return a key that is the same for all downloads of a file."""
    return next(iter(file.hashes.values()), without_credentials(file.url)) + file.filename


def _digests(file: RemoteFile, path: Path) -> dict[str, str]:
    """Return a local file's digests, for sha256 and for every algorithm of an expected hash."""
    return {
        algorithm: hash_file(path, algorithm)
        for algorithm in ALGORITHMS
        if algorithm in ("sha256", *file.hashes)
    }
