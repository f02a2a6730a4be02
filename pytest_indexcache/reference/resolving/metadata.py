"""Learning what a release depends on, as cheaply as its index and the records allow."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import (
    HashMismatchError,
    InvalidDistributionError,
    OfflineError,
    UsageError,
)
from pytest_indexcache.reference.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.checkpoints import Checkpoint, go_on
from pytest_indexcache.reference.packages import (
    IndexLocation,
    RemoteFile,
    local_path,
    without_credentials,
)
from pytest_indexcache.reference.pages.records import IndexRecords
from pytest_indexcache.reference.resolving.core_metadata import (
    CoreMetadata,
    parse_metadata,
    read_static_project,
    read_static_sdist_metadata,
    read_wheel_metadata,
)
from pytest_indexcache.reference.stored_files import hash_file

_ALGORITHMS: Final = ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")
"""The algorithms that a file is recognised by, the usual one first."""


class MetadataClient(Protocol):
    """What asks an index for core metadata; see :class:`~pytest_indexcache.reference.client`."""

    def get_metadata(self, url: str, index: IndexLocation | None, *, store: bool) -> bytes | None:
        """Return the core metadata at a URL, None where there is none; ``store`` it, or do not."""


class FetchFile(Protocol):
    """Brings a wheel or an sdist onto this disk, out of the wheel store if it is there."""

    def __call__(self, file: RemoteFile) -> Path:
        """Return where the file lies now; its bytes agree with its hashes."""


class BuildMetadata(Protocol):
    """Asks a build backend for core metadata (PEP 517, ``prepare_metadata_for_build_wheel``)."""

    def __call__(self, source: Path) -> Path:
        """Return METADATA of a source folder or an sdist.

        :raises BuildError: when the backend fails
        """


class MetadataReader:
    """Learns the core metadata of files and folders, and records what it learnt.

    Metadata of a file whose hash is known never changes, so records go before any request; without
    a hash they are the last resort, for when the network is disabled. ``checkpoint`` is for
    the resolver, which calls it in each of its steps. Safe for threads.
    """

    def __init__(
        self,
        client: MetadataClient,
        records: IndexRecords,
        *,
        fetch: FetchFile,
        build: BuildMetadata,
        behaviour: Behaviour = CORRECT,
        checkpoint: Checkpoint = go_on,
    ) -> None:
        self.checkpoint = checkpoint
        self._client = client
        self._records = records
        self._fetch = fetch
        self._build = build
        self._behaviour = behaviour
        self._known: dict[str, CoreMetadata] = {}
        self._lock = Lock()

    def read_file(self, file: RemoteFile) -> CoreMetadata:
        """Return the core metadata of a wheel or an sdist.

        :raises InvalidDistributionError: if it is broken, or another project's
        :raises HashMismatchError: if the metadata is not what the index announced
        :raises OfflineError: if it is not known and the network is disabled
        :raises BuildError: if a build backend is needed and fails
        """
        key = metadata_key(file)
        known = self._known.get(key)
        if known is None:
            known = parse_metadata(self._learn(file, key), file.filename)
            _check_identity(known, file)
            with self._lock:
                self._known[key] = known
        return known

    def read_folder(self, folder: Path) -> CoreMetadata:
        """Return the core metadata of a source folder: what is static in it, else by its backend.

        :raises UsageError: if there is no project in the folder
        :raises InvalidDistributionError: if its project file is wrong
        :raises BuildError: if a build backend is needed and fails
        """
        static = _read_static_folder(folder)
        return static or parse_metadata(self._build(folder).read_bytes(), str(folder))

    def with_hash(self, file: RemoteFile) -> RemoteFile:
        """Return the file with a hash: where its index names none, that of its bytes.

        Raises what fetching it raises.
        """
        if file.hashes:
            return file
        path = local_path(file.url) or self._fetch(file)
        return replace(file, hashes={"sha256": hash_file(path)})

    def _learn(self, file: RemoteFile, key: str) -> bytes:
        recorded = self._records.recall_metadata(key) if file.hashes else None
        if recorded is not None:
            return recorded
        try:
            data = self._ask(file)
        except OfflineError:
            recorded = self._records.recall_metadata(key)
            if recorded is None:
                raise
            return recorded
        self._records.remember_metadata(key, data)
        return data

    def _ask(self, file: RemoteFile) -> bytes:
        local = local_path(file.url)
        if local is None and file.metadata_hashes is not None:
            # PEP 658: it is at the file's own URL with ".metadata" appended.
            url = f"{file.url}.metadata"
            # What a hash is known of is recorded: the HTTP cache would keep a second copy.
            data = self._client.get_metadata(url, file.index, store=not file.hashes)
            if data is not None:
                self._check_hashes(url, data, file)
                return data
        path = local or self._fetch(file)
        if file.is_wheel:
            return read_wheel_metadata(path)
        return read_static_sdist_metadata(path) or self._build(path).read_bytes()

    def _check_hashes(self, url: str, data: bytes, file: RemoteFile) -> None:
        if self._behaviour.ignore_hash:
            return
        for algorithm, promised in (file.metadata_hashes or {}).items():
            if algorithm in _ALGORITHMS and _digest(algorithm, data) != promised:
                raise HashMismatchError(
                    f"{without_credentials(url)}: its {algorithm} is not {promised}, as announced",
                    hint="try again with --refresh; if it stays so, tell those who keep the index",
                )


def metadata_key(file: RemoteFile) -> str:
    """Return the key under which a file's metadata is recorded: its hash, else its URL."""
    for algorithm in _ALGORITHMS:
        if algorithm in file.hashes:
            return f"{algorithm}:{file.hashes[algorithm]}"
    return without_credentials(file.url)


def _digest(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _check_identity(metadata: CoreMetadata, file: RemoteFile) -> None:
    if (metadata.name, metadata.version) != (file.project, file.version):
        raise InvalidDistributionError(
            f"{file.filename}: its core metadata is that of {metadata.name} {metadata.version}"
        )


def _read_static_folder(folder: Path) -> CoreMetadata | None:
    file = folder / "pyproject.toml"
    try:
        text = file.read_bytes().decode()
    except FileNotFoundError as error:
        if (folder / "setup.py").exists():
            return None
        raise UsageError(
            f"{folder} holds no project: it has neither pyproject.toml nor setup.py",
            hint="check the path of the source that names it",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    try:
        table = loads_toml(text)
    except ValueError as error:
        raise UsageError(f"{file}: cannot be read as TOML: {error}") from error
    return read_static_project(table, str(file))
