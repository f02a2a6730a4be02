"""The releases of a draft, from logs and files."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from pytest_indexcache.drafts.facts.releases import ReleaseCollector
from pytest_indexcache.drafts.files.lockfiles import LockedRelease
from pytest_indexcache.drafts.files.project_files import read_project_file

TORCH = "https://download.pytorch.org/whl"


def versions_of(collector: ReleaseCollector) -> dict[str, list[str]]:
    """Return the versions of the collected releases by project."""
    found: dict[str, list[str]] = {}
    for release in collector.releases():
        found.setdefault(release.project, []).append(release.version)
    return found


def test_spellings_of_a_version_are_one_release() -> None:
    """A version with and without trailing zeros is the same release."""
    collector = ReleaseCollector()
    collector.add_locked([LockedRelease("six", "1.0"), LockedRelease("six", "1.0.0")])
    assert versions_of(collector) == {"six": ["1.0"]}


@pytest.mark.parametrize(
    ("wanted", "required", "version"),
    [("six", "six>=4.1", "4.1"), ("six<2", "six>=4.1", "1.0"), ("six>=2", "six<9,>=3", "3")],
)
def test_guessed_version_suits_other_requirements(wanted: str, required: str, version: str) -> None:
    """A guessed version also meets the requirements of other releases, if any version does."""
    collector = ReleaseCollector()
    collector.add_locked([LockedRelease("foo", "1.0", requires=(required,))])
    collector.add_wanted([Requirement(wanted)])
    assert versions_of(collector)["six"] == [version]


def test_each_index_of_a_source_has_a_release() -> None:
    """Each index in the sources of a project gets a guessed release, with its local version."""
    tables = [{"index": name, "extra": name} for name in ("cpu", "cu128", "pypi")]
    indexes = [{"name": name, "url": f"{TORCH}/{name}"} for name in ("cpu", "cu128")]
    indexes.append({"name": "pypi", "url": "https://pypi.org/simple"})
    words = read_project_file({"tool": {"uv": {"sources": {"torch": tables}, "index": indexes}}})
    collector = ReleaseCollector()
    collector.add_locked([LockedRelease("torch", "2.9.0+cpu")])
    collector.add_of_sources(words)
    assert versions_of(collector) == {"torch": ["2.9.0+cpu", "2.9.0+cu128", "2.9.0"]}
    assert [each.is_guessed for each in collector.releases()] == [False, True, True]
