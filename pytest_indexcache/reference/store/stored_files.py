"""The files of the wheel store: each is known by its sha256, and keeps the name that it came with.

::

    files/<0 to f>/<file name>   the file, in the folder that its sha256 begins with
    files/<sha256>/<file name>   where a file of other bytes has that name there, and other names
    entries/<sha256>.json        where the file is, its size and time of change, its project and URL

There are few folders, as to make one takes some file systems longer than to write a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.utils import NormalizedName

from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.system.atomic_files import (
    copy_atomically,
    move_atomically,
    place_atomically,
    remove_tree,
)
from pytest_indexcache.system.json_files import read_json, write_json

Journal = Callable[[str], None]
"""Takes a sentence about a decision of the store: what it kept or gave, or why it did not."""

# What a page names a hash becomes part of a path, so nothing else may look like one.
_DIGEST: Final = re.compile(r"[0-9a-f]{32,128}")
_PLACE: Final = re.compile(r"[0-9a-f]+/[^/\\]*\w[^/\\]*")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store; ``path`` ends with the file's own name."""

    path: Path
    sha256: str


class StoredFiles:
    """Keeps files in a folder; safe for threads and for several processes.

    ``journal`` hears of files that turned out to be damaged.
    """

    def __init__(self, folder: Path, *, journal: Journal) -> None:
        self._files = str(folder / "files")
        self._entries = str(folder / "entries")
        self._journal = journal

    def has(self, digest: str) -> bool:
        """Whether there is an entry for a sha256, whose file may yet be damaged."""
        return is_digest(digest) and os.path.isfile(self._entry_path(digest))

    def open(self, digest: str, filename: str) -> StoredFile | None:
        """Return the file of a sha256 under a name.

        One whose size or time of change is not what was recorded is hashed again; a damaged one is
        removed and not returned.
        """
        if not is_digest(digest) or Path(filename).name != filename:
            return None
        entry = self._entry(digest)
        if not entry:
            return None
        path = self._path_of(entry)
        if not _is_unchanged(path, entry):
            if not _has_digest(path, digest):
                self._journal(f"{filename}: removed from the wheel store, it is damaged")
                self._remove(digest)
                return None
            entry = self._write_entry(digest, path, entry)
        if os.path.basename(path) != filename:
            path = self._named(digest, path, filename, entry)
        return StoredFile(Path(path), digest)

    def add(
        self,
        partial: Path,
        filename: str,
        digest: str,
        project: NormalizedName,
        url: str | None,
    ) -> StoredFile:
        """Take in a file that has this sha256; it is moved here from ``partial``.

        ``url`` is where it came from, None for a wheel that was built here.
        """
        path = f"{self._files}/{digest[0]}/{filename}"
        if not place_atomically(partial, path):
            if _has_digest(path, digest):
                partial.unlink(missing_ok=True)
            else:
                path = f"{self._files}/{digest}/{filename}"
                move_atomically(partial, path)
        self._write_entry(digest, path, {"project": project, "url": url, "built": url is None})
        return StoredFile(Path(path), digest)

    def newest_of(self, url: str) -> str:
        """Return the sha256 of what was taken in last from a URL, empty if nothing was."""
        found = [it for it in self._all() if it[1].get("url") == url]
        return max(found, key=lambda it: int(it[1]["mtime_ns"]), default=("", {}))[0]

    def urls_of(self, projects: Collection[NormalizedName]) -> tuple[str, ...]:
        """List the URLs from which files of these projects came."""
        found = (entry for _, entry in self._all() if entry.get("project") in projects)
        return tuple(entry["url"] for entry in found if entry.get("url"))

    def remove_damaged(self, path: Path) -> bool:
        """Hash a file, and remove it if it is not what it was.

        Return whether it was removed: False for an intact file, and for one outside the store.
        """
        if path.parent.parent != Path(self._files):
            return False
        owners = [digest for digest, entry in self._all() if Path(self._path_of(entry)) == path]
        owners += [path.parent.name] if is_digest(path.parent.name) else []
        if owners and all(_has_digest(path, digest) for digest in owners):
            return False
        self._journal(f"{path.name}: removed from the wheel store, it is damaged")
        path.unlink(missing_ok=True)
        for digest in owners:
            self._remove(digest)
        return True

    def clear(self, projects: Collection[NormalizedName]) -> int:
        """Remove these projects, or everything if none is named; return how many files went."""
        if not projects:
            count = len(list(Path(self._entries).glob("*.json")))
            remove_tree(Path(self._entries))
            remove_tree(Path(self._files))
            return count
        doomed = [
            digest for digest, entry in self._all() if not entry or entry.get("project") in projects
        ]
        for digest in doomed:
            self._remove(digest)
        return len(doomed)

    def prune(self, *, downloads: bool) -> int:
        """Remove what is damaged, or belongs to nothing; return how many files went.

        ``downloads`` removes what any index would give again, too, and keeps what was built.
        """
        entries = list(self._all())
        doomed = {
            digest
            for digest, entry in entries
            if not _is_unchanged(self._path_of(entry), entry)
            or (downloads and not entry.get("built"))
        }
        for digest in doomed:
            self._remove(digest)
        kept = {digest: self._path_of(entry) for digest, entry in entries if digest not in doomed}
        paths = set(map(Path, kept.values()))
        strays = [
            path
            for path in Path(self._files).glob("*/*")
            if path not in paths and path.parent.name not in kept
        ]
        for path in strays:
            path.unlink(missing_ok=True)
        return len(doomed) + len(strays)

    def _named(self, digest: str, path: str, filename: str, entry: Mapping[str, Any]) -> str:
        """Give the same bytes the other name that an index has for them."""
        other = f"{self._files}/{digest}/{filename}"
        if not _is_unchanged(other, entry):
            copy_atomically(Path(path), Path(other))
        return other

    def _remove(self, digest: str) -> None:
        """Remove a file with its entry and its other names."""
        entry = self._entry(digest)
        Path(self._entry_path(digest)).unlink(missing_ok=True)
        if entry:
            Path(self._path_of(entry)).unlink(missing_ok=True)
        remove_tree(Path(self._files, digest))

    def _write_entry(self, digest: str, path: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        status = os.stat(path)
        seen = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
        place = path.removeprefix(f"{self._files}/")
        written = {**entry, **seen, "place": place}
        write_json(self._entry_path(digest), written)
        return written

    def _all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in Path(self._entries).glob("*.json"):
            yield path.stem, self._entry(path.stem)

    def _entry(self, digest: str) -> dict[str, Any]:
        """Read an entry, empty if there is none or it leads anywhere but to a file of the store."""
        entry = read_json(self._entry_path(digest))
        return entry if _PLACE.fullmatch(str(entry.get("place"))) else {}

    def _entry_path(self, digest: str) -> str:
        return f"{self._entries}/{digest}.json"

    def _path_of(self, entry: Mapping[str, Any]) -> str:
        return f"{self._files}/{entry.get('place')}"


def is_digest(text: str) -> bool:
    """Whether a text can be the hex digits of a hash, and nothing else."""
    return bool(_DIGEST.fullmatch(text))


def _has_digest(path: str | Path, digest: str) -> bool:
    try:
        return hash_file(path) == digest
    except OSError:
        return False


def _is_unchanged(path: str, entry: Mapping[str, Any]) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (entry.get("size"), entry.get("mtime_ns"))
