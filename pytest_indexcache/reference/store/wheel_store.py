"""The wheel store: the installer's own record of wheels and sdists, addressed by sha256.

It is no HTTP cache: no header decides whether a file in it may be used again. ::

    files/  entries/                     the files, see stored_files
    hashes/<algorithm>-<digest>.json     the sha256 that belongs to another hash of an index
    urls/<digest of the URL>.json        the sha256 that a URL gave for which no hash was named
    built/<sha256>-<python>.json         the wheel that was built of an sdist
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from packaging.utils import NormalizedName

from pytest_indexcache.reference.store.run_folder import remove_abandoned
from pytest_indexcache.reference.store.stored_files import (
    Journal,
    StoredFile,
    StoredFiles,
    is_digest,
)
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.system.atomic_files import remove_partial
from pytest_indexcache.system.json_files import read_json, write_json
from pytest_indexcache.system.urls import without_credentials

_LINKS: Final = ("hashes", "urls", "built")


def _unheard(sentence: str) -> None:
    """Write no journal."""


class WheelStore:
    """Keeps wheels and sdists in a folder; safe for threads and for several processes.

    ``journal`` hears of every decision.
    """

    def __init__(
        self, folder: Path, *, behaviour: Behaviour = CORRECT, journal: Journal = _unheard
    ) -> None:
        self.folder = folder
        self._behaviour = behaviour
        self._journal = journal
        self._files = StoredFiles(folder, journal=journal)

    def has(self, file: RemoteFile) -> bool:
        """Whether there is an entry for the file by its sha256, which may yet be damaged."""
        return self._files.has(file.hashes.get("sha256", "").lower())

    def find(self, file: RemoteFile) -> StoredFile | None:
        """Return the file if the store has it by a hash that its index named.

        A file whose size or time of change is not what was recorded is hashed again; a damaged one
        is removed and not returned.
        """
        hashes = {name: digest.lower() for name, digest in file.hashes.items()}
        digest = hashes.get("sha256") or self._linked_digest(hashes)
        found = self._files.open(digest, file.filename) if digest else None
        if found is not None:
            self._journal(f"{file.filename}: reused, the wheel store has its {_hash_text(file)}")
        elif file.hashes:
            self._journal(f"{file.filename}: the wheel store does not have its {_hash_text(file)}")
        return found

    def find_by_url(self, file: RemoteFile) -> StoredFile | None:
        """Return what the file's URL gave last, whether or not it would give the same again."""
        record = read_json(self._url_path(file.url))
        digest = record.get("sha256") or self._files.newest_of(without_credentials(file.url))
        found = self._files.open(str(digest), file.filename)
        verdict = "reused, its URL gave it before" if found else "its URL never gave it before"
        self._journal(f"{file.filename}: {verdict}")
        return found

    def add(self, partial: Path, file: RemoteFile, digests: Mapping[str, str]) -> StoredFile:
        """Take in a file that was fetched; it is moved here from ``partial``.

        ``digests`` are those that were computed of its bytes, sha256 among them.
        """
        url = without_credentials(file.url)
        stored = self._files.add(partial, file.filename, digests["sha256"], file.project, url)
        target = {"sha256": stored.sha256, "project": file.project}
        for algorithm, digest in digests.items():
            if algorithm != "sha256":
                write_json(self._hash_path(algorithm, digest), target)
        link = self._url_path(file.url)
        # A link that is there must not tell what the URL gave before this.
        if not file.hashes or os.path.exists(link):
            write_json(link, {**target, "url": url})
        self._journal(f"{file.filename}: stored in the wheel store by its sha256")
        return stored

    def find_built(self, sdist_sha256: str, python: str) -> StoredFile | None:
        """Return the wheel that was built of an sdist for a Python, such as ``cp311``."""
        record = read_json(self._built_path(sdist_sha256, python))
        return self._files.open(record["sha256"], record["filename"]) if record else None

    def add_built(
        self, wheel: Path, project: NormalizedName, sdist_sha256: str, python: str
    ) -> StoredFile:
        """Take in a wheel that was built of an sdist; it is moved here."""
        stored = self._files.add(wheel, wheel.name, hash_file(wheel), project, None)
        target = {"sha256": stored.sha256, "project": project, "filename": wheel.name}
        write_json(self._built_path(sdist_sha256, python), target)
        self._journal(f"{wheel.name}: stored in the wheel store, built of its sdist")
        return stored

    def remove_damaged(self, path: Path) -> bool:
        """Hash a file of the store, and remove it if it is not what it was.

        Return whether it was removed: False for an intact file, and for one outside the store.
        """
        return self._files.remove_damaged(path)

    def urls_of(self, projects: Collection[NormalizedName]) -> tuple[str, ...]:
        """List the URLs from which something of these projects came."""
        links = (record for _, record in self._links() if record.get("project") in projects)
        files = {str(record["url"]) for record in links if "url" in record}
        files.update(self._files.urls_of(projects))
        return (*files, *(f"{url}.metadata" for url in files))

    def clear(self, projects: Collection[NormalizedName] = ()) -> int:
        """Remove these projects, or everything if none is named; return how many files went."""
        if self._behaviour.keep_after_clear:
            return 0
        count = self._files.clear(projects)
        for path, record in self._links():
            if not projects or record.get("project") in projects:
                path.unlink(missing_ok=True)
        return count

    def prune(self, *, downloads: bool = False) -> int:
        """Remove what is of no use: damaged and half-written files, and links to files that went.

        ``downloads`` removes what any index would give again, too, and keeps what was built. Return
        how many files and records went.
        """
        count = remove_abandoned(self.folder / "runs") + remove_partial(self.folder)
        count += self._files.prune(downloads=downloads)
        for link, record in self._links():
            if not self._files.has(str(record.get("sha256"))):
                link.unlink(missing_ok=True)
                count += 1
        return count

    def _linked_digest(self, hashes: Mapping[str, str]) -> str | None:
        for algorithm, digest in hashes.items():
            if algorithm.isalnum() and is_digest(digest):
                record = read_json(self._hash_path(algorithm, digest))
                if record:
                    return str(record["sha256"])
        return None

    def _links(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for kind in _LINKS:
            for path in (self.folder / kind).glob("*.json"):
                yield path, read_json(path)

    def _hash_path(self, algorithm: str, digest: str) -> Path:
        return self.folder / "hashes" / f"{algorithm}-{digest}.json"

    def _url_path(self, url: str) -> str:
        name = sha256(without_credentials(url).encode()).hexdigest()[:32]
        return os.path.join(self.folder, "urls", f"{name}.json")

    def _built_path(self, sdist_sha256: str, python: str) -> Path:
        return self.folder / "built" / f"{sdist_sha256}-{python}.json"


def _hash_text(file: RemoteFile) -> str:
    algorithm = "sha256" if "sha256" in file.hashes else next(iter(file.hashes), "hash")
    return f"{algorithm} {file.hashes.get(algorithm, '')[:12].lower()}"
