"""Read the core metadata of releases and folders with as few requests as possible."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from threading import Lock
from typing import IO, Final

from pytest_indexcache.errors import (
    ConnectionFailedError,
    HashMismatchError,
    IndexResponseError,
    InvalidDistributionError,
    MetadataMismatchError,
    OfflineError,
    UsageError,
)
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.project.toml_table import read_toml
from pytest_indexcache.reference.resolve.core_metadata import (
    CoreMetadata,
    parse_metadata,
    read_static_project,
    read_static_sdist_metadata,
    read_wheel_metadata,
)
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import ALGORITHMS, hash_file, new_hash, unmet_hash
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.system.checkpoints import Checkpoint, go_on
from pytest_indexcache.system.urls import local_path, without_credentials

_SAFE_ALGORITHMS: Final = ("sha256", "sha512", "sha384")
"""The hash algorithms without known collisions."""


class MetadataReader:
    """Reads the core metadata of files and folders, and records it.

    Metadata is recorded under a hash only if the hash was computed and matches: the hash of the
    metadata, if the index announced one, or the hash of the downloaded file. All other metadata is
    recorded under its index and URL, so that no index can describe the files of another. A file
    with a hash never changes, so its record is used without a request. For a file without a hash,
    the record is used only if the network is disabled.

    ``fetch`` downloads a file. ``open_parts`` opens a wheel on its index with range requests; it
    returns None if the wheel must be downloaded. ``build`` runs a build backend to get the METADATA
    of a folder or an sdist. ``refresh`` selects projects whose records are used only if the network
    is disabled. ``checkpoint`` is called in every round of the resolver. Thread-safe.
    """

    def __init__(
        self,
        client: IndexClient,
        records: IndexRecords,
        *,
        fetch: Callable[[RemoteFile], Path],
        build: Callable[[Path], Path],
        open_parts: Callable[[RemoteFile], IO[bytes] | None] = lambda _: None,
        refresh: Selection = NOTHING,
        behaviour: Behaviour = CORRECT,
        checkpoint: Checkpoint = go_on,
    ) -> None:
        self.checkpoint = checkpoint
        self._client = client
        self._records = records
        self._fetch = fetch
        self._build = build
        self._open_parts = open_parts
        self._refresh = refresh
        self._behaviour = behaviour
        self._known: dict[tuple[str, str], CoreMetadata] = {}
        self._lock = Lock()

    def read_file(self, file: RemoteFile) -> CoreMetadata:
        """Return the core metadata of a wheel or an sdist.

        :raises InvalidDistributionError: if the metadata is invalid, or belongs to another project
        :raises HashMismatchError: if the metadata does not have the hash that the index announced
        :raises OfflineError: if no metadata is recorded and the network is disabled
        :raises BuildError: if a build backend is needed and fails
        """
        place = "" if self._behaviour.share_metadata else _given_key(file)
        given = place, file.filename
        known = self._known.get(given)
        if known is None:
            known = self._recall(file, is_trusted=True) or self._learn(file)
            with self._lock:
                self._known[given] = known
        if self._behaviour.ignore_requires_python:
            return replace(known, requires_python=None)
        return known

    def know(self, file: RemoteFile, metadata: CoreMetadata) -> None:
        """Set a file's metadata, so that it is not read; used for installed distributions."""
        self._known[_given_key(file), file.filename] = metadata

    def read_folder(self, folder: Path) -> CoreMetadata:
        """Return a source folder's core metadata, from static fields or from its build backend.

        :raises UsageError: if there is no project in the folder
        :raises InvalidDistributionError: if its project file is not valid
        :raises BuildError: if a build backend is needed and fails
        """
        static = _read_static_folder(folder)
        return static or parse_metadata(self._build(folder).read_bytes(), str(folder))

    def demand_same(self, file: RemoteFile, wheel: Path) -> None:
        """Raise an error unless a downloaded wheel contains the metadata that was read earlier.

        An index must serve the wheel's own METADATA (PEP 658). If it does not, the resolution was
        based on wrong metadata.

        :raises MetadataMismatchError: if the metadata differs
        :raises InvalidDistributionError: if the wheel does not contain METADATA
        """
        learnt = self._known.get((_given_key(file), file.filename))
        if learnt is None or self._behaviour.ignore_hash:
            return
        found = _parse(read_wheel_metadata(wheel, file.filename), file)
        differing = [
            field.name
            for field in fields(found)
            if getattr(found, field.name) != getattr(learnt, field.name)
        ]
        if differing:
            raise MetadataMismatchError(
                f"{file.filename}: its {' and '.join(differing).replace('_', '-')} differ from "
                "those in the core metadata that its index sent separately",
                hint="nothing was installed; try again with --refresh; if it happens again, tell "
                "the operator of the index",
            )

    def with_hash(self, file: RemoteFile, algorithms: Collection[str] = ()) -> RemoteFile:
        """Return a file with a hash for each of the ``algorithms``, or with any hash by default.

        The file is fetched and its missing hashes are computed. If ``algorithms`` is empty, sha256
        is computed, but only if the index does not list any hash. Unknown algorithms are ignored.
        Raises the errors that occur when the file is fetched.
        """
        wanted = algorithms or (() if file.hashes else ("sha256",))
        lacking = [
            algorithm
            for algorithm in wanted
            if algorithm in ALGORITHMS and algorithm not in file.hashes
        ]
        if not lacking:
            return file
        path = self._fetch(file)
        computed = {algorithm: hash_file(path, algorithm) for algorithm in lacking}
        return replace(file, hashes={**file.hashes, **computed})

    def _recall(self, file: RemoteFile, *, is_trusted: bool) -> CoreMetadata | None:
        """Return the metadata recorded for a file, or None; a record for another file is ignored.

        With ``is_trusted``, a record is used only if the file has a hash and its project is not to
        be refreshed.
        """
        if is_trusted and (not file.hashes or file.project in self._refresh):
            return None
        for key in _keys(file):
            data = self._records.recall_metadata(key)
            if data is not None and _is_of(key, data):
                try:
                    return _parse(data, file)
                except InvalidDistributionError:
                    continue
        return None

    def _learn(self, file: RemoteFile) -> CoreMetadata:
        try:
            key, data = self._ask(file)
        except OfflineError:
            recorded = self._recall(file, is_trusted=False)
            if recorded is None:
                raise
            return recorded
        known = _parse(data, file)
        if not self._behaviour.separate_metadata:
            self._records.remember_metadata(key, data)
        return known

    def _ask(self, file: RemoteFile) -> tuple[str, bytes]:
        """Get the metadata of a file; return the key under which to record it, and the metadata."""
        local = local_path(file.url)
        if local is None and file.metadata_hashes is not None:
            # PEP 658: the metadata is at the file's own URL with ".metadata" appended.
            url = f"{file.url}.metadata"
            refresh = file.project in self._refresh
            # Metadata with a hash is recorded: the HTTP cache would keep a second copy.
            data = self._client.get_metadata(
                url, file.index, store=not file.hashes, refresh=refresh
            )
            if data is not None:
                self._check_hashes(url, data, file)
                return _hash_key("metadata", file.metadata_hashes) or _given_key(file), data
        if file.is_wheel and local is None:
            data = self._ask_in_parts(file)
            if data is not None:
                # The hash of the file was not computed.
                return _given_key(file), data
        path = self._fetch(file)  # a local file, too, is trusted only by a computed hash
        key = _hash_key("file", file.hashes) or _given_key(file)
        if file.is_wheel:
            return key, read_wheel_metadata(path, file.filename)
        return key, read_static_sdist_metadata(path) or self._build(path).read_bytes()

    def _ask_in_parts(self, wheel: RemoteFile) -> bytes | None:
        """Read a wheel's METADATA with range requests; None if the wheel must be downloaded."""
        parts = self._open_parts(wheel)
        if parts is None:
            return None
        # Either the index's ranges or the wheel are broken; a download of the wheel shows which.
        broken = (ConnectionFailedError, IndexResponseError, InvalidDistributionError)
        with suppress(*(() if self._behaviour.trust_ranges else broken)), parts:
            return read_wheel_metadata(parts, wheel.filename)
        return None

    def _check_hashes(self, url: str, data: bytes, file: RemoteFile) -> None:
        if self._behaviour.ignore_hash:
            return
        promised = file.metadata_hashes or {}
        digests = {name: _digest(name, data) for name in promised if name in ALGORITHMS}
        wrong = unmet_hash(promised, digests)
        if wrong is not None:
            raise HashMismatchError(
                f"{without_credentials(url)}: its {wrong} is not {promised[wrong]}, as announced",
                hint="try again with --refresh; if it happens again, tell the index's operator",
            )


def _keys(file: RemoteFile) -> Iterator[str]:
    """Yield the keys under which a file's metadata may be recorded, the most reliable first."""
    for key in (
        _hash_key("file", file.hashes),
        _hash_key("metadata", file.metadata_hashes or {}),
        _given_key(file),
    ):
        if key is not None:
            yield key


def _hash_key(what: str, hashes: Mapping[str, str]) -> str | None:
    """Return a record's key, which consists of ``what`` and the first safe hash.

    The result is None if none of the hashes is safe.
    """
    chosen = next((name for name in _SAFE_ALGORITHMS if name in hashes), None)
    return f"{what} {chosen}:{hashes[chosen].lower()}" if chosen else None


def _given_key(file: RemoteFile) -> str:
    """Return a key that consists of a file's index, its URL and the first listed hash, if any."""
    index = file.index.public_url if file.index else "no index"
    claimed = next(iter(sorted(file.hashes.items())), ())
    return " ".join((index, without_credentials(file.url), *claimed))


def _is_of(key: str, data: bytes) -> bool:
    """Return whether metadata may be recorded under a key.

    A key that contains a hash of the metadata must match the metadata.
    """
    what, _, digest = key.partition(" ")
    algorithm, _, promised = digest.partition(":")
    return what != "metadata" or _digest(algorithm, data) == promised


def _digest(algorithm: str, data: bytes) -> str:
    hasher = new_hash(algorithm)
    hasher.update(data)
    return hasher.hexdigest()


def _parse(data: bytes, file: RemoteFile) -> CoreMetadata:
    metadata = parse_metadata(data, file.filename)
    if (metadata.name, metadata.version) != (file.project, file.version):
        raise InvalidDistributionError(
            f"{file.filename}: its core metadata is that of {metadata.name} {metadata.version}"
        )
    return metadata


def _read_static_folder(folder: Path) -> CoreMetadata | None:
    file = folder / "pyproject.toml"
    if file.exists():
        return read_static_project(read_toml(file), str(file))
    if not (folder / "setup.py").exists():
        raise UsageError(
            f"there is no project in {folder}: it has neither pyproject.toml nor setup.py",
            hint="check the path of the source that names it",
        )
    return None
