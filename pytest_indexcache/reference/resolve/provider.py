"""The provider for resolvelib: it finds candidates for needs, and the needs of candidates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib.providers import AbstractProvider

from pytest_indexcache.errors import (
    InvalidDistributionError,
    OfflineError,
    UnsatisfiableError,
    UsageError,
)
from pytest_indexcache.reference.index.finder import (
    FoundRelease,
    ProjectReleases,
    python_suits,
)
from pytest_indexcache.reference.resolve.core_metadata import CoreMetadata
from pytest_indexcache.reference.resolve.direct import DirectCandidates, file_at
from pytest_indexcache.reference.resolve.explanation import Cause, Failure
from pytest_indexcache.reference.resolve.look_ahead import LookAhead
from pytest_indexcache.reference.resolve.needs import Candidate, Key, Need, Rules
from pytest_indexcache.reference.words.packages import Pin, is_exact
from pytest_indexcache.system.urls import local_path
from pytest_indexcache.system.venvs.origins import Origin, same_place

_MANY_CONFLICTS: Final = 5
"""The number of conflicts after which a project is decided before all others."""


class Provider(AbstractProvider[Need, Candidate, Key]):
    """Tells resolvelib which releases are on the indexes, and which rules apply to them."""

    def __init__(
        self, asked: Sequence[Need], ahead: LookAhead, direct: DirectCandidates, rules: Rules
    ) -> None:
        self._asked: dict[Key, int] = {}
        for need in asked:
            if need.extra is None or not need.specifier:  # else the need of its project is enough
                self._asked.setdefault(need.key, len(self._asked))
        self._conflicts = Counter[Key]()
        self._ahead = ahead
        self._direct = direct
        self._rules = rules
        self._only: dict[NormalizedName, Candidate] = {}
        self._askers: dict[NormalizedName, Candidate] = {}

    def identify(self, requirement_or_candidate: Need | Candidate) -> Key:
        """Return the project and the extra to which a need or a candidate belongs."""
        return requirement_or_candidate.key

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[Key],
        resolutions: Mapping[Key, Candidate],
        candidates: Mapping[Key, Iterator[Candidate]],  # noqa: ARG002
        information: Mapping[Key, Iterator[Cause]],  # noqa: ARG002
        backtrack_causes: Sequence[Cause],
    ) -> Iterable[Key]:
        """Select the projects in the last conflict, or else those with many conflicts.

        If there are none either, all projects are selected. This selection, and the order of
        :meth:`get_preference`, are the same as in pip. They determine which set of releases is
        found if several sets meet all needs.
        """
        undecided = list(identifiers)
        for key in _keys_of(backtrack_causes):
            self._conflicts[key] += key not in resolutions
        troubled = set(_keys_of(backtrack_causes))
        return (
            [key for key in undecided if key in troubled]
            or [key for key in undecided if self._conflicts[key] >= _MANY_CONFLICTS]
            or undecided
        )

    def get_preference(
        self,
        identifier: Key,
        resolutions: Mapping[Key, Candidate],  # noqa: ARG002
        candidates: Mapping[Key, Iterator[Candidate]],  # noqa: ARG002
        information: Mapping[Key, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],  # noqa: ARG002
    ) -> tuple[bool, bool, bool, bool, float, bool, str]:
        """Return a sort key that puts the projects with the narrowest requirements first.

        Projects with many conflicts come before all others. The rest is in this order: required
        URLs, pinned versions, versions with an upper bound, direct requirements in their order,
        other limits on versions, names.
        """
        needs = [found.requirement for found in information[identifier]]
        parts = [part for need in needs for part in need.specifier]
        name, extra = identifier
        return (
            self._conflicts[identifier] < _MANY_CONFLICTS,
            not any(need.url or need.same_as for need in needs),
            not any(map(is_exact, parts)),
            not any(map(_is_bound, parts)),
            self._asked.get(identifier, math.inf),
            not parts,
            f"{name}[{extra}]" if extra else name,
        )

    def find_matches(
        self,
        identifier: Key,
        requirements: Mapping[Key, Iterator[Need]],
        incompatibilities: Mapping[Key, Iterator[Candidate]],
    ) -> Callable[[], Iterator[Candidate]]:
        """Return a function that yields the candidates for a project or an extra, best first.

        Candidates are created one by one, because a project may have hundreds of releases, and
        usually the first one is chosen.
        """
        name, extra = identifier
        needs = list(requirements[identifier])
        if extra is not None and (name, None) in requirements:
            needs.extend(requirements[name, None])
        excluded = set(incompatibilities[identifier])

        def matches() -> Iterator[Candidate]:
            for base in self._bases(name, needs):
                candidate = replace(base, extra=extra)
                if candidate not in excluded and all(
                    self.is_satisfied_by(need, candidate) for need in needs
                ):
                    yield candidate

        best = next(matches(), None)
        if best is not None and best.files and self._rules.dependencies:
            self._ahead.expect_metadata(best.files[0])
        return matches

    def is_satisfied_by(self, requirement: Need, candidate: Candidate) -> bool:
        """Return whether a candidate meets a need."""
        if requirement.problem or requirement.same_as not in (None, candidate.base):
            return False
        if requirement.url is not None:
            return self._rules.sources.get(candidate.name) is not None or (
                candidate.origin == self._direct.origin_of(requirement.url)
            )
        return _admits(requirement.specifier, candidate)

    def get_dependencies(self, candidate: Candidate) -> Iterator[Need]:
        """Yield a candidate's needs; if it is unusable, yield one need that cannot be met."""
        if candidate.extra is not None:
            # This need comes first: if another base is chosen, no metadata has to be read.
            yield Need(candidate.name, same_as=candidate.base)
        if not self._rules.dependencies:
            return
        try:
            metadata = self.metadata_of(candidate)
        except (InvalidDistributionError, OfflineError) as error:
            if candidate.origin.kind != "index":
                raise
            yield _unmeetable(candidate, error.message)
            return
        wanted = metadata.requires_python
        if wanted and not python_suits(wanted, self._ahead.finder.target.python_version):
            yield _unmeetable(candidate, f"it needs Python {wanted}")
            return
        needs = self._rules.needs(metadata.dependencies, candidate.extra)
        refused = next(self._refused(needs), None)
        if refused is not None and candidate.origin.kind in ("index", "url"):
            yield _unmeetable(candidate, f"it requires {refused}")
            return
        for need in needs:
            self._askers[need.name] = candidate.base
        self.expect(needs)
        yield from needs

    def _refused(self, needs: Iterable[Need]) -> Iterator[str]:
        """Yield a description of each requirement that is not allowed in a release on an index.

        Only users may require a file on this machine, or a URL from which nothing can be installed.
        """
        named = self._rules.overrides.keys() | self._rules.sources.keys()
        for need in needs:
            if need.url is None or need.name in named:
                continue
            if local_path(need.url) is not None:
                yield f"{need}, a file on this machine"
                continue
            try:
                file_at(need.name, need.url)
            except UsageError as error:
                yield f"{need}, and {error.message}"

    def look_again(self, causes: Collection[Cause]) -> bool:
        """Request the pages of conflicting projects again, if they were reused from the HTTP cache.

        The result is False if there are no such pages.
        """
        names = sorted({cause.requirement.name for cause in causes})
        reused = [
            (name, self._index_for(name))
            for name in names
            if name not in self._only
            and not self._has_direct_source(name)
            and self._ahead.find(name, self._index_for(name)).is_reused
        ]
        for name, index_name in reused:
            self._ahead.find_again(name, index_name)
        return bool(reused)

    def explain(self, causes: Collection[Cause]) -> UnsatisfiableError:
        """Return an error that explains to the user why the resolution failed."""
        names = sorted({cause.requirement.name for cause in causes})
        found = {
            name: self._ahead.find(name, self._index_for(name))
            for name in names
            if name not in self._only and not self._has_direct_source(name)
        }
        return Failure(causes, self._rules, found, self._only, self._askers).explain()

    def pin_of(self, candidate: Candidate, extras: Collection[NormalizedName] = ()) -> Pin:
        """Return the pin for a chosen candidate, with the extras that are needed."""
        file = candidate.files[0] if candidate.files else None
        pin = Pin(candidate.name, candidate.version, candidate.origin, file)
        if not self._rules.dependencies:
            return pin
        metadata = self.metadata_of(candidate)
        return replace(
            pin,
            dependencies=tuple(self._rules.applying(metadata.dependencies)),
            unknown_extras=tuple(sorted(set(extras) - metadata.extras)),
        )

    def metadata_of(self, candidate: Candidate) -> CoreMetadata:
        """Return the core metadata of a candidate."""
        files = candidate.files
        return self._ahead.read_file(files[0]) if files else self._direct.metadata(candidate)

    def expect(self, needs: Iterable[Need]) -> None:
        """Start requesting the pages of needed projects, unless they do not come from an index."""
        self._ahead.expect_projects(
            (need.name, self._index_for(need.name))
            for need in needs
            if need.url is None
            and not need.problem
            and not self._has_direct_source(need.name)
            and not self._stays(need)
        )

    def _stays(self, need: Need) -> bool:
        kept = self._kept(need.name, need.specifier)
        return kept is not None and kept.stays

    def _kept(self, name: NormalizedName, specifier: SpecifierSet) -> Candidate | None:
        """Return a project's installed candidate, if it may be kept and matches a specifier."""
        kept = None if name in self._rules.sources else self._rules.installed(name)
        return kept if kept is not None and _admits(specifier, kept) else None

    def _has_direct_source(self, name: NormalizedName) -> bool:
        source = self._rules.sources.get(name)
        return source is not None and source.index is None

    def _index_for(self, name: NormalizedName) -> str | None:
        source = self._rules.sources.get(name)
        return None if source is None else source.index

    def _bases(self, name: NormalizedName, needs: Sequence[Need]) -> Iterator[Candidate]:
        """Yield the candidate for a project's source or required URL, or else its releases."""
        if any(need.problem for need in needs):
            return
        specifier = self._rules.constraints.get(name, SpecifierSet())
        for need in needs:
            specifier &= need.specifier
        source = self._rules.sources.get(name)
        urls = {need.url for need in needs if need.url}
        if source is not None and source.index is None:
            only = self._direct.of_source(name, source)
        elif urls and source is None:
            only = self._direct.of_url(name, min(urls))
        else:
            yield from self._kept_or_released(name, specifier)
            return
        self._only[name] = only
        if _admits(specifier, only):
            yield only

    def _kept_or_released(
        self, name: NormalizedName, specifier: SpecifierSet
    ) -> Iterator[Candidate]:
        """Yield a project's releases, with the installed candidate in the right place among them.

        The installed candidate comes first if it ``stays``, or if its version is preferred and is
        no longer on the index; otherwise, it comes before the older releases. It is left out if it
        must be replaced.
        """
        kept = self._kept(name, specifier)
        if kept is not None and kept.stays:
            yield kept
            kept = None
        found = self._ahead.find(name, self._index_for(name))
        releases = found.matching(
            specifier, self._rules.preferences.get(name, ()), lowest=name in self._rules.lowest
        )
        if kept is not None and _is_replaced(kept, found, releases):
            kept = None
        for release in releases:
            if kept is not None and self._goes_before(kept, release):
                yield kept
                kept = None
            yield _candidate_of(name, release)
        if kept is not None:
            yield kept

    def _goes_before(self, kept: Candidate, release: FoundRelease) -> bool:
        if kept.version is None or kept.version > release.version:
            return True
        is_preferred = kept.version in self._rules.preferences.get(kept.name, ())
        return is_preferred and kept.origin.kind == "index"


def _candidate_of(name: NormalizedName, release: FoundRelease) -> Candidate:
    index = release.file.index
    origin = Origin("index", index.public_url if index else release.file.url)
    return Candidate(name, release.version, origin, release.files)


def _admits(specifier: SpecifierSet, candidate: Candidate) -> bool:
    version = candidate.version
    return version is None or specifier.contains(version, prereleases=True)


def _is_replaced(kept: Candidate, found: ProjectReleases, releases: Sequence[FoundRelease]) -> bool:
    """Return whether an installed candidate must be replaced.

    It is replaced if an index lists the same version. If it came from an index that is not used for
    the project, it is also replaced in two other cases: if an index lists a version that is at
    least as high as the candidate's public version, or if no release is found.
    """
    if any(release.version == kept.version for release in releases):
        return True
    places = [Origin("index", index.public_url) for index in (*found.asked, *found.unknown)]
    if kept.origin.kind != "index" or any(same_place(kept.origin, place) for place in places):
        return False
    if kept.version is None or not releases:
        return True
    return any(release.version >= Version(kept.version.public) for release in releases)


def _is_bound(part: Specifier) -> bool:
    """Return whether a clause of a specifier sets an upper limit but allows several releases."""
    return part.operator in ("<", "<=", "~=", "==") and not is_exact(part)


def _keys_of(causes: Iterable[Cause]) -> Iterator[Key]:
    for cause in causes:
        yield cause.requirement.key
        if cause.parent is not None:
            yield cause.parent.key


def _unmeetable(candidate: Candidate, problem: str) -> Need:
    return Need(candidate.name, extra=candidate.extra, problem=problem)
