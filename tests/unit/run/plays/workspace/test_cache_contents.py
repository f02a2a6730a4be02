"""Entries of the installer's cache by kind, and the size of the cache."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.workspace.cache_contents import (
    expected_entries,
    find_entries,
    size_of,
)
from pytest_indexcache.scenario.tables.expectation import Expectation

WHEEL = "https://pypi.org/six-1.0-py3-none-any.whl"


def sent(kind: Kind, url: str, project: str) -> Exchange:
    """Return an exchange."""
    subject = Subject(kind, "pypi", project)
    return Exchange(0.0, "GET", url, Headers(), 200, subject=subject)


EXCHANGES = (
    sent(Kind.WHEEL, WHEEL, "six"),
    sent(Kind.PAGE, "https://pypi.org/simple/six/", "six"),
    sent(Kind.SDIST, "https://pypi.org/idna-1.0.tar.gz", "idna"),
)


def installer(known: Iterable[str], asked: list[CacheQuery]) -> Installer:
    """Return an installer with two copies of a wheel in its cache."""

    def cached_entries(_: Path, query: CacheQuery) -> list[CachedEntry]:
        asked.append(query)
        if query.what not in known:
            raise CapabilityError("x", "unknown")
        return [CachedEntry("six", "six", (Path("a"),)), CachedEntry("six", "six", (Path("b"),))]

    return cast(Installer, SimpleNamespace(cached_entries=cached_entries))


def test_copies_are_one_entry_with_all_its_files() -> None:
    """A file that is stored twice, as response and as unpacked wheel, counts once."""
    asked: list[CacheQuery] = []
    found = find_entries(installer(["wheel"], asked), Path("c"), EXCHANGES, "wheel")
    assert found == [CachedEntry("six", "six", (Path("a"), Path("b")))]
    assert asked[0].urls == {WHEEL: "six", "https://pypi.org/idna-1.0.tar.gz": "idna"}


def test_urls_are_those_of_the_kind_and_the_project() -> None:
    """Only entries of the given kind and project are searched for."""
    asked: list[CacheQuery] = []
    find_entries(installer(["wheel"], asked), Path("c"), EXCHANGES, "wheel", "six")
    assert asked == [CacheQuery("wheel", "six", {WHEEL: "six"})]


def test_only_what_a_step_expects_is_looked_for() -> None:
    """A total does not count kinds of entries whose location is unknown."""

    def kinds(**expect: Any) -> list[str]:
        who = installer(["page", "wheel"], [])
        return [*expected_entries(Expectation(**expect), who, Path("c"), EXCHANGES)]

    assert kinds() == []
    assert kinds(cached={"wheel": 1}) == ["wheel"]
    assert kinds(cached=0) == ["page", "wheel"]


def test_size_counts_each_file_once_and_follows_no_link(tmp_path: Path) -> None:
    """For the size of the cache, hard links count once, and targets of symlinks do not count."""
    cache, outside = tmp_path / "cache", tmp_path / "outside"
    (cache / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "large").write_bytes(bytes(1000))
    (cache / "deep/a").write_bytes(bytes(10))
    os.link(cache / "deep/a", cache / "b")
    (cache / "c").write_bytes(bytes(5))
    (cache / "link").symlink_to(outside / "large")
    (cache / "folder").symlink_to(outside)
    assert size_of(cache) == 15
    assert size_of(tmp_path / "nowhere") == 0
