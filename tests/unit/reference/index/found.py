"""The releases of app that a finder finds, and further indexes."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.reference.index.finder import Finder
from pytest_indexcache.reference.words.packages import IndexLocation

EXTRA = IndexLocation("extra", "https://extra.example/simple")
APP: NormalizedName = canonicalize_name("app")


def matching(finder: Finder, specifier: str = "", index: str | None = None) -> list[str]:
    """Return the versions of app that match, best first."""
    found = finder.find(APP, index)
    return [str(release.version) for release in found.matching(SpecifierSet(specifier))]
