"""All fake indexes in a scenario; several can share a host, and one can use several hosts."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from itertools import combinations
from typing import Final

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.answers.answers import refusal
from pytest_indexcache.index.fake_index import FakeIndex
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.index.offers.published import FIRST_DAY
from pytest_indexcache.messages import HostPort, Request, Response, Subject
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.steps import Change

LISTED_HASHES: Final = ("md5", "sha256", "sha512")
"""The hash algorithms that are used in lockfiles."""


class FakeIndexes:
    """The indexes in a scenario, keyed by name and served on all their hosts.

    :raises FakeIndexError: if an index is impossible, or if two indexes conflict
    """

    def __init__(self, indexes: Mapping[str, Index], now: float = FIRST_DAY) -> None:
        self._indexes = {name: FakeIndex(name, index, now) for name, index in indexes.items()}
        conflict = self._conflict()
        if conflict is not None:
            raise conflict

    def __getitem__(self, name: str) -> FakeIndex:
        try:
            return self._indexes[name]
        except KeyError:
            known = ", ".join(self._indexes) or "none"
            raise FakeIndexError(
                name, "there is no such index", f"the indexes are: {known}"
            ) from None

    @property
    def hosts(self) -> frozenset[str]:
        """All hostnames that are served, in lower case."""
        return frozenset().union(*(index.hosts for index in self._indexes.values()))

    @property
    def origins(self) -> frozenset[HostPort]:
        """All hosts and ports that are served."""
        return frozenset().union(*(index.origins for index in self._indexes.values()))

    def serves(self, url: str) -> bool:
        """Return whether there is an index at the host and port of a URL."""
        try:
            return HostPort.of(url) in self.origins
        except ValueError:
            return False

    def add(self, name: str, index: Index) -> FakeIndex:
        """Add an index, and return it.

        :raises FakeIndexError: if the name is already used, if the index conflicts with another
            one, or if ``index`` has an ``upstream``
        """
        if name in self._indexes:
            raise FakeIndexError(name, "there is an index of this name", "give another name")
        if index.upstream is not None:
            hint = "an index of a scenario may have one"
            raise FakeIndexError(name, "a fixture serves no running server", hint, ("upstream",))
        before, added = self._indexes, FakeIndex(name, index)
        self._indexes = {**before, name: added}
        conflict = self._conflict()
        if conflict is not None:
            self._indexes = before
            raise conflict
        return added

    @property
    def files(self) -> frozenset[Location]:
        """The locations of all files that are currently on the indexes."""
        return frozenset(place for index in self._indexes.values() for place in index.offer.places)

    def hashes(self, projects: Set[str]) -> Mapping[str, frozenset[str]]:
        """Return the hashes of the current files of some projects, keyed by filename.

        Hashes have the form ``sha256:0123…``. They are computed from the bytes, even if a page
        shows another hash. A filename has several hashes if there are different files with that
        name on different indexes.
        """
        found: dict[str, frozenset[str]] = {}
        for index in self._indexes.values():
            for project in projects & index.offer.listings.keys():
                for file in index.offer.listings[project].files:
                    digests = file.distribution.digests
                    own = {f"{name}:{getattr(digests, name)}" for name in LISTED_HASHES}
                    found[file.filename] = found.get(file.filename, frozenset()) | own
        return found

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections.

        A host is unreachable if any index that has its pages on this host is down. It is also
        unreachable if all indexes that have pages or files on it are down.
        """
        there = [index for index in self._indexes.values() if host in index.hosts]
        has_fallen = any(index.page_host == host and not index.is_reachable for index in there)
        return not has_fallen and any(index.is_reachable for index in there)

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request to one of the hosts; ``now`` is in seconds since the epoch."""
        location = Location.of(request.url)
        index = self._owner(location)
        if index is None:
            text = f"no index of the scenario is at {location.host!r}"
            return refusal(404, Subject(refused=text), now)
        return index.handle(request, now)

    def owner_of(self, url: str) -> str | None:
        """Return the name of the index that a URL belongs to, or None if there is no such index.

        A URL does not belong to an index just because it is on the same host.
        """
        location = Location.of(url)
        index = self._owner(location)
        return index.name if index is not None and index.match_specificity(location) >= 0 else None

    def _owner(self, location: Location) -> FakeIndex | None:
        """Return the index that matches a location best, or None if no index uses the host."""
        there = [index for index in self._indexes.values() if location.host in index.hosts]
        return max(there, key=lambda index: index.match_specificity(location), default=None)

    def apply(self, change: Change, now: float = FIRST_DAY) -> None:
        """Apply a change to the index that the change names.

        If the change makes two indexes conflict, it is undone.

        :raises FakeIndexError: if there is no such index, if it does not have the project,
            release or file to be changed, or if two indexes would conflict
        """
        index = self[change.index]
        before = index.offer
        index.apply(change, now)
        conflict = self._conflict()
        if conflict is not None:
            index.go_back_to(before)
            raise replace(conflict, path=())

    def _conflict(self) -> FakeIndexError | None:
        """Return an error if two indexes have the same base URL or different files at one URL."""
        for one, other in combinations(self._indexes.values(), 2):
            if one.base == other.base:
                return FakeIndexError(
                    other.name,
                    f"index {one.name!r} is at the same host and path",
                    "give them other hosts or paths (ports do not count), or make them one index",
                    ("url",),
                )
            for location in one.files.keys() & other.files.keys():
                mine, yours = one.files[location], other.files[location]
                if repr(mine.spec) != repr(yours.spec):
                    return FakeIndexError(
                        other.name,
                        f"{yours.url} is another file in index {one.name!r}",
                        "give both releases the same contents and the same build",
                        ("packages", yours.project, yours.version),
                    )
        return None
