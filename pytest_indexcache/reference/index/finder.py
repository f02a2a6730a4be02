"""Find out which releases of a project an environment can use, and which indexes list them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import Lock
from typing import Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pytest_indexcache.reference.index.filenames import build_number
from pytest_indexcache.reference.index.index_pages import IndexPages
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, Pin, RemoteFile, is_exact
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.system.pythons.target import Target

RequiredDigests = Mapping[NormalizedName, Mapping[str, frozenset[str]]]
"""Maps each project to the digests that its files are allowed to have, keyed by algorithm."""

Strategy = Literal["first-index", "unsafe-best-match"]
"""How several indexes are combined: only the first that has the project, or all of them."""


@dataclass(frozen=True, slots=True)
class FoundRelease:
    """A version of a project on an index.

    ``files`` are the files that fit the target, starting with the best.
    """

    version: Version
    files: tuple[RemoteFile, ...]

    @property
    def file(self) -> RemoteFile:
        """The file to install, which is the best of the release's files."""
        return self.files[0]

    @property
    def is_yanked(self) -> bool:
        """Whether the file to install is yanked (PEP 592)."""
        return self.file.yanked is not None


@dataclass(frozen=True)
class ProjectReleases:
    """The releases of a project, best first, and the rejected versions with the reasons.

    ``asked`` are the indexes that answered; ``unknown`` are the indexes to which no request could
    be sent because the network is disabled. ``rejected`` maps each reason to the versions that it
    rules out. With ``prefer_binary``, releases with a wheel come before releases without one. With
    ``prereleases``, all pre-releases are allowed. ``is_reused`` is true if the page of any index
    was reused from the HTTP cache without a request.
    """

    project: NormalizedName
    releases: tuple[FoundRelease, ...] = ()
    asked: tuple[IndexLocation, ...] = ()
    unknown: tuple[IndexLocation, ...] = ()
    rejected: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    prefer_binary: bool = False
    prereleases: bool = False
    is_reused: bool = False

    def matching(
        self,
        specifier: SpecifierSet,
        preferred: Collection[Version] = (),
        *,
        lowest: bool = False,
    ) -> tuple[FoundRelease, ...]:
        """Return the releases that match a specifier, highest first, or lowest first if ``lowest``.

        Pre-releases are allowed according to PEP 440, yanked releases according to PEP 592. The
        ``preferred`` versions that the specifier allows come first, even if they are yanked.
        """
        by_version = {release.version: release for release in reversed(self.releases)}
        admitted = set(specifier.filter(by_version, prereleases=self.prereleases or None))
        kept = [
            by_version[version]
            for version in sorted(preferred, reverse=True)
            if version in by_version and specifier.contains(version, prereleases=True)
        ]
        others = [release for release in self.releases if release.version in admitted]
        if not (_pins(specifier) and all(release.is_yanked for release in others)):
            others = [release for release in others if not release.is_yanked]
        others = [release for release in others if release not in kept]
        if lowest:
            others.sort(key=lambda release: release.version)
        if self.prefer_binary:
            others.sort(key=lambda release: not release.file.is_wheel)
        return (*kept, *others)


def _pins(specifier: SpecifierSet) -> bool:
    """Return whether a specifier allows exactly one version; if so, PEP 592 allows yanked files."""
    return any(map(is_exact, specifier))


class Finder:
    """Finds releases on the indexes, and caches them for the lifetime of the finder.

    ``indexes`` are in search order, with the default index last. An explicit index is used only if
    the caller of :meth:`find` names it. With the strategy ``first-index``, all releases come from
    the first index that has the project, even if its page is empty. If an empty page, a login page
    or an error were ignored, users could get an unrelated project with the same name from a later
    index. Find-links are used in addition to any index.

    ``no_binary`` selects projects whose wheels are not used, ``only_binary`` projects whose sdists
    are not used. The arguments ``prefer_binary`` and ``prereleases`` have the same meaning as in
    :class:`ProjectReleases`. With ``uploaded_before``, a file on an index is not used if it was
    uploaded later or has no upload time. Thread-safe.
    """

    def __init__(
        self,
        pages: IndexPages,
        indexes: Sequence[IndexLocation],
        target: Target,
        *,
        strategy: Strategy = "first-index",
        no_binary: Selection = NOTHING,
        only_binary: Selection = NOTHING,
        prefer_binary: bool = False,
        prereleases: bool = False,
        uploaded_before: float | None = None,
        behaviour: Behaviour = CORRECT,
    ) -> None:
        self.pages = pages
        self.indexes = tuple(indexes)
        self.target = target
        self.strategy = strategy
        self._no_binary = no_binary
        self._only_binary = only_binary
        self._uploaded_before = uploaded_before
        self._behaviour = behaviour
        self._choice = {"prefer_binary": prefer_binary, "prereleases": prereleases}
        self._allowed: RequiredDigests = {}
        self._found: dict[tuple[NormalizedName, str | None], ProjectReleases] = {}
        self._lock = Lock()

    def with_hashes(self, allowed: RequiredDigests) -> Finder:
        """Return a finder that ignores a project's files without an allowed hash.

        If no file of a project has an allowed hash, all of its files are kept, as in pip, and the
        later hash check reports the error.
        """
        other = copy(self)
        other._allowed, other._found = allowed, {}
        return other

    def find(self, project: NormalizedName, index_name: str | None = None) -> ProjectReleases:
        """Return a project's releases on all indexes, or only those on the index ``index_name``.

        :raises IndexResponseError: if an index answers with an error or an invalid page
        :raises ConnectionFailedError: if an index cannot be reached
        """
        key = (project, index_name)
        found = self._found.get(key)
        if found is None:
            found = self._ask(project, self._indexes_for(index_name))
            with self._lock:
                found = self._found.setdefault(key, found)
        return found

    def find_again(self, project: NormalizedName, index_name: str | None = None) -> ProjectReleases:
        """Do the same as :meth:`find`, but do not reuse any page from the cache without a request.

        A page is reused until it is stale. If no release on it is suitable, a suitable one may have
        been published after the page was stored.
        """
        found = self._ask(project, self._indexes_for(index_name), again=True)
        with self._lock:
            self._found[project, index_name] = found
        return found

    def files_of(self, pin: Pin) -> tuple[RemoteFile, ...]:
        """Return the files of a pinned release that fit the environment, best first."""
        if pin.file is None or pin.file.index is None:
            return (pin.file,) if pin.file else ()
        source = pin.file.index.name if pin.file.index.explicit else None
        releases = self.find(pin.name, source).releases
        return next(
            (release.files for release in releases if release.version == pin.version), (pin.file,)
        )

    def _indexes_for(self, index_name: str | None) -> tuple[IndexLocation, ...]:
        if index_name is not None:
            return tuple(
                other_index for other_index in self.indexes if other_index.name == index_name
            )
        if self._behaviour.ask_index_twice:
            return tuple(other_index for other_index in self.indexes if not other_index.explicit)
        found: dict[str, IndexLocation] = {}
        for index in self.indexes:
            if not index.explicit:
                found.setdefault(index.place, index)  # an index with two names
        return tuple(found.values())

    def _ask(
        self, project: NormalizedName, indexes: Iterable[IndexLocation], *, again: bool = False
    ) -> ProjectReleases:
        files: list[RemoteFile] = []
        asked, unknown = [], []
        is_reused = False
        for index in indexes:
            listed = self.pages.files(index, project, again=again)
            is_last = self.strategy == "first-index" and not index.is_beside
            if listed is None:
                # Offline, this index may have the project, so that no later index may be used.
                unknown.append(index)
                if is_last:
                    break
                continue
            asked.append(index)
            files.extend(listed.files)
            is_reused = is_reused or listed.is_reused
            if listed.is_known and is_last:
                break
        files = _with_hash(files, self._allowed.get(project, {}))
        found = self._sort(project, files, tuple(asked), tuple(unknown))
        return replace(found, is_reused=is_reused and not again)

    def _sort(
        self,
        project: NormalizedName,
        files: Iterable[RemoteFile],
        asked: tuple[IndexLocation, ...],
        unknown: tuple[IndexLocation, ...],
    ) -> ProjectReleases:
        """Group the usable files by version; sort the versions, and the files of each version.

        If two files are otherwise equal, the one from the earlier index comes first.
        """
        fitting: dict[Version, list[tuple[tuple[object, ...], RemoteFile]]] = {}
        rejected: dict[str, dict[Version, None]] = {}
        ranks = {index.name: rank for rank, index in enumerate(asked)}
        firsts: dict[Version, IndexLocation | None] = {}
        for file in files:
            rank = self._rank(file)
            first = firsts.setdefault(file.version, file.index)
            if self._behaviour.first_index_of_version and file.index != first:
                continue
            if isinstance(rank, str):
                rejected.setdefault(rank, {})[file.version] = None
                continue
            origin = ranks[file.index.name] if file.index else 0
            key = (file.yanked is not None, origin, *rank)
            fitting.setdefault(file.version, []).append((key, file))
        releases = tuple(
            FoundRelease(version, self._offered(fitting[version]))
            for version in sorted(fitting, reverse=True)
        )
        reasons = {
            reason: tuple(version for version in versions if version not in fitting)
            for reason, versions in rejected.items()
        }
        return ProjectReleases(
            project,
            releases,
            asked,
            unknown,
            {k: v for k, v in reasons.items() if v},
            **self._choice,
        )

    def _offered(
        self, entries: list[tuple[tuple[object, ...], RemoteFile]]
    ) -> tuple[RemoteFile, ...]:
        """Return a release's files, best first; yanked files are left out unless all are yanked."""
        files = tuple(file for _, file in sorted(entries, key=lambda entry: entry[0]))
        if files[0].yanked is not None or self._behaviour.keep_yanked_files:
            return files
        return tuple(file for file in files if file.yanked is None)

    def _rank(self, file: RemoteFile) -> tuple[object, ...] | str:
        """Return the sort key for a release's file, or the reason why it cannot be used."""
        late = self._why_late(file)
        if late is not None:
            return late
        wanted = file.requires_python
        if wanted is not None and not python_suits(wanted, self.target.python_version):
            return "needs another Python"
        if not file.is_wheel:
            if file.project in self._only_binary:
                return "is an sdist, and only wheels are allowed"
            return (1, 0, ())
        if file.project in self._no_binary and not self._behaviour.ignore_no_binary:
            return "is a wheel, and only sdists are allowed"
        rank = self.target.rank_wheel(file.filename)
        if rank is None:
            return "has no wheel for this platform and no sdist"
        if file.version.local and self._behaviour.ignore_local_releases:
            return "has a local version"
        number, rest = build_number(file.filename)
        if self._behaviour.lowest_build_tag:
            return (0, rank, (number, rest))
        return (0, rank, (-number, tuple(-ord(letter) for letter in rest)))

    def _why_late(self, file: RemoteFile) -> str | None:
        """Return the reason why a file is not used because of its upload time, or None.

        A file on this machine is always used.
        """
        before = self._uploaded_before
        if before is None or file.url.startswith("file:"):
            return None
        if file.uploaded is None:
            return "has no upload time on the page of its index, which exclude-newer needs"
        return "was uploaded too late for exclude-newer" if file.uploaded >= before else None


def _with_hash(files: list[RemoteFile], allowed: Mapping[str, frozenset[str]]) -> list[RemoteFile]:
    right = [
        file for file in files if any(file.hashes.get(k, "").lower() in allowed[k] for k in allowed)
    ]
    unknown = [file for file in files if not allowed.keys() & file.hashes.keys()]
    return [*right, *unknown] if right else files


@lru_cache(maxsize=1024)
def python_suits(requires_python: str, python_version: Version) -> bool:
    """Return whether ``Requires-Python`` allows a Python; an invalid value allows every Python."""
    try:
        return SpecifierSet(requires_python).contains(python_version, prereleases=True)
    except InvalidSpecifier:
        return True
