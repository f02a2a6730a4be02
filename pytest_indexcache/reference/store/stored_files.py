"""The files in the wheel store; each is identified by its sha256 and keeps its original name.

::

    files/<sha256>/<file name>   the file, and copies under its other names
    entries/<sha256>.json        the file's name, size, modification time and project, and whether
                                 it was built
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.utils import NormalizedName, parse_wheel_filename
from packaging.version import Version

from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.system.atomic_files import copy_atomically, move_atomically, remove_tree
from pytest_indexcache.system.json_files import read_json, write_json

Journal = Callable[[str], None]
"""A function that is called with a sentence about each decision of the store."""

# A hash from a page becomes part of a path, so only hex digits are accepted.
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store; the last part of ``path`` is its original name."""

    path: Path
    sha256: str


class StoredFiles:
    """Keeps files in a folder that several threads and processes may use.

    ``journal`` is called with a sentence for each damaged file.
    """

    def __init__(self, folder: Path, *, behaviour: Behaviour = CORRECT, journal: Journal) -> None:
        self._trusts = behaviour.trust_stored_files
        self._files = folder / "files"
        self._entries = folder / "entries"
        self._journal = journal

    def has(self, digest: str) -> bool:
        """Return whether there is an entry for a sha256; the file itself may be damaged."""
        return bool(_DIGEST.fullmatch(digest)) and self._entry_path(digest).is_file()

    def open(self, digest: str, filename: str) -> StoredFile | None:
        """Return the file with this sha256, under the given name; None if it is not stored.

        If the file's size or modification time differs from the entry, it is hashed again. A
        damaged file is removed, and the result is None.
        """
        entry = self._entry(digest) if _DIGEST.fullmatch(digest) and _is_name(filename) else None
        if not entry:
            return None
        path = self._files / digest / entry["filename"]
        if not _is_unchanged(path, entry) and not self._trusts:
            if not _has_digest(path, digest):
                self._journal(f"{filename}: removed from the wheel store, it is damaged")
                self._remove(digest)
                return None
            entry = self._write_entry(path, entry)
        other = path.with_name(filename)
        if not _is_unchanged(other, entry):
            copy_atomically(path, other)
        return StoredFile(other, digest)

    def find_wheel(self, project: NormalizedName, version: Version) -> StoredFile | None:
        """Return any stored wheel for a release, or None if there is none."""
        for digest, entry in self._all():
            filename = str(entry.get("filename"))
            if filename.endswith(".whl") and parse_wheel_filename(filename)[:2] == (
                project,
                version,
            ):
                return self.open(digest, filename)
        return None

    def add(
        self, partial: Path, filename: str, digest: str, project: NormalizedName, *, built: bool
    ) -> StoredFile:
        """Move a file with this sha256 from ``partial`` into the store.

        ``built`` is true if the file is a locally built wheel.
        """
        path = self._files / digest / filename
        move_atomically(partial, path)
        self._write_entry(path, {"filename": filename, "project": project, "built": built})
        return StoredFile(path, digest)

    def remove_damaged(self, path: Path) -> bool:
        """Remove a file from the store if its contents no longer match its hash.

        The result is True if the file was removed, and False if it is intact or outside the store.
        """
        is_elsewhere = path.parent.parent != self._files
        if is_elsewhere or self._trusts or _has_digest(path, path.parent.name):
            return False
        self._journal(f"{path.name}: removed from the wheel store, it is damaged")
        self._remove(path.parent.name)
        return True

    def clear(self, projects: Collection[NormalizedName]) -> int:
        """Remove these projects' files, or all files by default; return how many were removed."""
        entries = list(self._all())
        if not projects:
            remove_tree(self._entries)
            remove_tree(self._files)
            return len(entries)
        doomed = [
            stored_name
            for stored_name, entry in entries
            if not entry or entry.get("project") in projects
        ]
        for digest in doomed:
            self._remove(digest)
        return len(doomed)

    def prune(self, *, downloads: bool) -> int:
        """Remove files that are damaged or have no entry; return how many were removed.

        With ``downloads``, everything that can be downloaded again is also removed, so only locally
        built wheels are kept.
        """
        doomed = {folder.name for folder in self._files.glob("*")}
        for digest, entry in self._all():
            path = self._files / digest / entry.get("filename", "")
            if _is_unchanged(path, entry) and (entry.get("built") or not downloads):
                doomed.discard(digest)
            else:
                doomed.add(digest)
        for digest in doomed:
            self._remove(digest)
        return len(doomed)

    def _remove(self, digest: str) -> None:
        """Remove a file, its entry, and its copies under other names."""
        self._entry_path(digest).unlink(missing_ok=True)
        remove_tree(self._files / digest)

    def _write_entry(self, path: Path, entry: Mapping[str, Any]) -> dict[str, Any]:
        status = path.stat()
        written = {**entry, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
        write_json(self._entry_path(path.parent.name), written)
        return written

    def _all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in self._entries.glob("*.json"):
            yield path.stem, self._entry(path.stem)

    def _entry(self, digest: str) -> dict[str, Any]:
        """Return the entry for a sha256; empty if missing, or if its filename contains a path."""
        entry = read_json(self._entry_path(digest))
        return entry if _is_name(str(entry.get("filename", ""))) else {}

    def _entry_path(self, digest: str) -> Path:
        return self._entries / f"{digest}.json"


def _is_name(filename: str) -> bool:
    return filename not in ("", "..") and Path(filename).name == filename


def _has_digest(path: Path, digest: str) -> bool:
    try:
        return hash_file(path) == digest
    except OSError:
        return False


def _is_unchanged(path: Path, entry: Mapping[str, Any]) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (entry.get("size"), entry.get("mtime_ns"))
