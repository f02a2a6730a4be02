"""Candidates for distributions in a venv, which may be kept even if no index offers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import NormalizedName

from pytest_indexcache.errors import InvalidDistributionError, UsageError
from pytest_indexcache.reference.resolve.core_metadata import parse_metadata
from pytest_indexcache.reference.resolve.direct import DirectCandidates, file_at
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import Candidate
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.selection import Selection
from pytest_indexcache.reference.words.sources import PackageSource
from pytest_indexcache.system.venvs.installed import InstalledDistribution
from pytest_indexcache.system.venvs.origins import Origin, same_place


class InstalledCandidates:
    """Creates candidates, on demand, for the installed distributions that may be kept.

    No request is sent for a distribution that came from a URL, from the first of ``indexes``, or
    from an installer that did not record its origin. For a distribution from a later index, the
    earlier indexes, except find-links, are searched first. The indexes are also searched for
    ``renewed`` projects that came from an index. Projects with two installed distributions are
    ignored.
    """

    def __init__(
        self,
        distributions: Iterable[InstalledDistribution],
        metadata: MetadataReader,
        indexes: Iterable[IndexLocation],
        renewed: Selection,
    ) -> None:
        known = list(distributions)
        numbers = Counter(distribution.name for distribution in known)
        self._distributions = {
            distribution.name: distribution
            for distribution in known
            if numbers[distribution.name] == 1
        }
        self._metadata = metadata
        asked = (index for index in indexes if not index.explicit and not index.is_beside)
        self._first = next((Origin("index", index.public_url) for index in asked), None)
        self._renewed = renewed
        self._candidates: dict[NormalizedName, Candidate | None] = {}

    def __call__(self, name: NormalizedName) -> Candidate | None:
        """Return a candidate for a project's installed distribution; None if it cannot be kept."""
        if name not in self._candidates:
            found = self._distributions.get(name)
            self._candidates[name] = self._candidate_of(found) if found else None
        return self._candidates[name]

    def _candidate_of(self, found: InstalledDistribution) -> Candidate | None:
        origin = found.origin or Origin("index", "")
        try:
            if origin.kind in ("path", "editable"):
                return self._of_folder(found.name, origin)
            if origin.kind == "url":
                file = file_at(found.name, origin.location)
            else:
                # The distribution is installed and its metadata known, so its file is never needed.
                place = found.dist_info
                file = RemoteFile(
                    place.name, place.as_uri(), found.name, found.version, found.hashes
                )
            path = found.dist_info / "METADATA"
            self._metadata.know(file, parse_metadata(path.read_bytes(), str(path)))
        except (OSError, UsageError, InvalidDistributionError):
            return None
        return Candidate(found.name, found.version, origin, (file,), stays=self._stays(found))

    def _stays(self, found: InstalledDistribution) -> bool:
        origin = found.origin
        if origin is not None and origin.kind == "url":
            return True
        is_of_first = origin is None or (self._first and same_place(origin, self._first))
        return bool(is_of_first) and found.name not in self._renewed

    def _of_folder(self, name: NormalizedName, origin: Origin) -> Candidate | None:
        folder = Path(origin.location)
        if not folder.is_dir():
            return None
        source = PackageSource(path=folder, editable=origin.kind == "editable")
        return DirectCandidates(self._metadata).of_source(name, source)
