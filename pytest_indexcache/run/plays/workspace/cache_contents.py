"""Find the entries of the installer's cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields import CachedKind

_CACHED_AS: Final = {
    Kind.PAGE: "page",
    Kind.METADATA: "metadata",
    Kind.WHEEL: "wheel",
    Kind.SDIST: "wheel",
}
"""Maps the kinds of responses to the kinds of cache entries in which they are stored."""


def find_entries(
    installer: Installer,
    cache: Path,
    exchanges: Iterable[Exchange],
    kind: str,
    project: str | None = None,
) -> list[CachedEntry]:
    """Return the cache entries of a kind, merging entries with the same name.

    ``exchanges`` contains the exchanges whose responses may be in the cache. ``project`` limits the
    result to the entries of one project.

    :raises CapabilityError: if it is not known how the installer stores such entries
    """
    urls = {
        exchange.url: exchange.subject.project
        for exchange in exchanges
        if _CACHED_AS.get(exchange.subject.kind) == kind
        and project in (None, exchange.subject.project)
    }
    found: dict[tuple[str | None, str], CachedEntry] = {}
    for entry in installer.cached_entries(cache, CacheQuery(kind, project, urls)):
        known = found.setdefault((entry.project, entry.name), entry)
        if known is not entry:
            files = tuple(dict.fromkeys((*known.files, *entry.files)))
            found[entry.project, entry.name] = replace(known, files=files)
    return list(found.values())


def expected_entries(
    expect: Expectation, installer: Installer, cache: Path, exchanges: Iterable[Exchange]
) -> Mapping[str, Sequence[CachedEntry]]:
    """Return the entries of each expected kind, or of every known kind if a total is expected."""
    if expect.cached is None:
        return {}
    if isinstance(expect.cached, Mapping):
        return {
            wanted_kind: find_entries(installer, cache, exchanges, wanted_kind)
            for wanted_kind in expect.cached
        }
    found = {}
    for kind in get_args(CachedKind):
        try:
            found[kind] = find_entries(installer, cache, exchanges, kind)
        except CapabilityError:
            continue
    return found


def size_of(cache: Path) -> int:
    """Return the total size of all files in a folder, in bytes, counting hard links only once."""
    sizes = {(status.st_dev, status.st_ino): status.st_size for status in _statuses(cache)}
    return sum(sizes.values())


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path.lstat()
