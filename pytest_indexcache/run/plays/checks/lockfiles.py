"""What a lockfile says, held against what is expected."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.run.plays.checks.counting import yes_or_no
from pytest_indexcache.run.plays.checks.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.system.urls import without_credentials


def check_lockfile(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks of the lockfile."""
    for project, wanted in expected.locked.items():
        packages = seen.locked.get(project, ())
        if wanted.version is not None:
            versions = {wanted.version} if isinstance(wanted.version, str) else {*wanted.version}
            found = {package.version or "none" for package in packages}
            yield _texts(project, "version", versions, found)
        if wanted.hashes is not None:
            shown = {yes_or_no(package.has_hashes) for package in packages}
            yield _texts(project, "hashes", {yes_or_no(wanted.hashes)}, shown)
        if wanted.index is not None:
            url = seen.index_urls[wanted.index].rstrip("/")
            found_at = [without_credentials(package.index_url or "none") for package in packages]
            urls = {place.rstrip("/") for place in found_at}
            yield _texts(project, "index", {url}, urls)


def _texts(project: str, part: str, wanted: set[str], found: set[str]) -> Check:
    expected, shown = ", ".join(sorted(wanted)), ", ".join(sorted(found)) or "not locked"
    held = wanted == found
    return Check(CheckKind.LOCKED, expected, shown, held, subject=project, field=part)
