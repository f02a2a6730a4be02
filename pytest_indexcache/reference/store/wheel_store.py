"""The wheel store, which keeps wheels and sdists under their sha256.

It is not an HTTP cache: no header decides whether a file in it may be reused. ::

    files/  entries/              the files, see stored_files
    links/<digest of key>.json    the sha256 of a file; the key is another hash of the file, its
                                  URL, or the sdist from which it was built
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName

from pytest_indexcache.reference.store.run_folder import remove_abandoned
from pytest_indexcache.reference.store.stored_files import Journal, StoredFile, StoredFiles
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.system.atomic_files import remove_partial
from pytest_indexcache.system.json_files import read_json, write_json
from pytest_indexcache.system.urls import without_credentials


class WheelStore:
    """Keeps wheels and sdists in a folder that several threads and processes may use.

    ``journal`` is called with a sentence about every decision.
    """

    def __init__(
        self,
        folder: Path,
        *,
        behaviour: Behaviour = CORRECT,
        journal: Journal = lambda _: None,
    ) -> None:
        self.folder = folder
        self._journal = journal
        self._files = StoredFiles(folder, behaviour=behaviour, journal=journal)

    def has(self, file: RemoteFile) -> bool:
        """Return whether there is an entry for the file's sha256; the file may be damaged."""
        return self._files.has(file.hashes.get("sha256", "").lower())

    def find(self, file: RemoteFile) -> StoredFile | None:
        """Return a file's stored copy, found by a hash that the index lists for it, or None.

        If the size or modification time of the stored file differs from the entry, it is hashed
        again. A damaged file is removed, and the result is None.
        """
        hashes = {name: digest.lower() for name, digest in file.hashes.items()}
        links = (self._linked(f"{name}:{digest}") for name, digest in hashes.items())
        digest = hashes.get("sha256") or next(filter(None, links), "")
        found = self._files.open(digest, file.filename)
        if found is not None:
            self._journal(f"{file.filename}: reused, the wheel store has its {_hash_text(file)}")
        elif file.hashes:
            self._journal(f"{file.filename}: the wheel store does not have its {_hash_text(file)}")
        return found

    def find_by_url(self, file: RemoteFile) -> StoredFile | None:
        """Return the stored file that was last downloaded from the same URL, or None."""
        digest = self._linked(without_credentials(file.url))
        found = self._files.open(digest, file.filename)
        verdict = "reused, its URL gave it before" if found else "its URL never gave it before"
        self._journal(f"{file.filename}: {verdict}")
        return found

    def find_wheel(self, file: RemoteFile) -> StoredFile | None:
        """Return any stored wheel for the file's project and version, or None if there is none."""
        return self._files.find_wheel(file.project, file.version)

    def add(self, partial: Path, file: RemoteFile, digests: Mapping[str, str]) -> StoredFile:
        """Move a downloaded file from ``partial`` into the store.

        ``digests`` were computed from the file's contents, and include sha256.
        """
        sha256, project = digests["sha256"], file.project
        stored = self._files.add(partial, file.filename, sha256, project, built=False)
        for algorithm, digest in digests.items():
            if algorithm != "sha256":
                self._link(f"{algorithm}:{digest}", stored, project)
        url = without_credentials(file.url)
        self._link(url, stored, project, url=url)
        self._journal(f"{file.filename}: stored in the wheel store by its sha256")
        return stored

    def find_built(self, sdist_sha256: str, python: str) -> StoredFile | None:
        """Return the stored wheel that was built from an sdist for a Python, such as ``cp311``."""
        record = read_json(self._link_path(f"{sdist_sha256} for {python}"))
        return self._files.open(record["sha256"], record["filename"]) if record else None

    def add_built(
        self, wheel: Path, project: NormalizedName, sdist_sha256: str, python: str
    ) -> StoredFile:
        """Store a wheel that was built from an sdist for a Python; the file is moved."""
        stored = self._files.add(wheel, wheel.name, hash_file(wheel), project, built=True)
        self._link(f"{sdist_sha256} for {python}", stored, project)
        self._journal(f"{wheel.name}: stored in the wheel store, built from its sdist")
        return stored

    def remove_damaged(self, path: Path) -> bool:
        """Remove a file from the store if its contents no longer match its hash.

        The result is True if the file was removed, and False if it is intact or outside the store.
        """
        return self._files.remove_damaged(path)

    def urls_of(self, projects: Collection[NormalizedName]) -> tuple[str, ...]:
        """Return the URLs of these projects' downloaded files and of their metadata files."""
        links = (record for _, record in self._links() if record.get("project") in projects)
        files = {str(record["url"]) for record in links if "url" in record}
        return (*files, *(f"{url}.metadata" for url in files))

    def clear(self, projects: Collection[NormalizedName] = ()) -> int:
        """Remove these projects' files, or all files by default; return how many were removed."""
        count = self._files.clear(projects)
        for path, record in self._links():
            if not projects or record.get("project") in projects:
                path.unlink(missing_ok=True)
        return count

    def prune(self, *, downloads: bool = False) -> int:
        """Remove damaged and incomplete files, and links to missing files.

        Returns the number of files and links removed. With ``downloads``, everything that can be
        downloaded again is also removed, so only locally built wheels are kept.
        """
        count = remove_abandoned(self.folder / "runs") + remove_partial(self.folder)
        count += self._files.prune(downloads=downloads)
        for link, record in self._links():
            if not self._files.has(str(record.get("sha256"))):
                link.unlink(missing_ok=True)
                count += 1
        return count

    def _link(self, key: str, stored: StoredFile, project: NormalizedName, **more: str) -> None:
        known = {"sha256": stored.sha256, "filename": stored.path.name, "project": project}
        write_json(self._link_path(key), {**known, **more})

    def _linked(self, key: str) -> str:
        return str(read_json(self._link_path(key)).get("sha256", ""))

    def _links(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for path in (self.folder / "links").glob("*.json"):
            yield path, read_json(path)

    def _link_path(self, key: str) -> Path:
        return self.folder / "links" / f"{sha256(key.encode()).hexdigest()[:32]}.json"


def _hash_text(file: RemoteFile) -> str:
    algorithm = "sha256" if "sha256" in file.hashes else next(iter(file.hashes), "hash")
    return f"{algorithm} {file.hashes.get(algorithm, '')[:12].lower()}"
