"""Check the lockfile after a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pytest_indexcache.installers.contract.installer import LockedFile
from pytest_indexcache.run.plays.checks.counting import yes_or_no
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation, Locked
from pytest_indexcache.scenario.values.patterns import Matcher, name_matcher, text_matcher
from pytest_indexcache.system.urls import without_credentials

_NONE = "none"


def check_lockfile(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the lockfile."""
    if expected.lockfile is not None:
        shown = _change(seen.lockfile_before, seen.lockfile_after)
        meets = ("changed", "written") if expected.lockfile == "changed" else ("unchanged",)
        yield Check(CheckKind.LOCKFILE, expected.lockfile, shown, shown in meets)
    for project, wanted in expected.locked.items():
        yield from _package(project, wanted, seen)


def _change(before: str | None, after: str | None) -> str:
    """Return a word for how the lockfile changed, such as ``written`` or ``unchanged``."""
    if before is None or after is None:
        if before is after:
            return "no lockfile"
        return "removed" if after is None else "written"
    return "unchanged" if before == after else "changed"


def _package(project: str, wanted: Locked, seen: Observation) -> Iterator[Check]:
    packages = seen.locked.get(project, ())
    files = [file for package in packages for file in package.files]
    if wanted.version is not None:
        versions = {wanted.version} if isinstance(wanted.version, str) else {*wanted.version}
        yield _texts(
            project, "version", versions, {package.version or _NONE for package in packages}
        )
    nothing = {_NONE} if packages else set()
    if wanted.files is not None:
        names = {file.name for file in files} or nothing
        yield _matches(project, "files", {file: name_matcher(file) for file in wanted.files}, names)
    if wanted.urls is not None:
        urls = {without_credentials(file.url or _NONE) for file in files} or nothing
        yield _matches(
            project,
            "urls",
            {wanted_url: text_matcher(wanted_url) for wanted_url in wanted.urls},
            urls,
        )
    if isinstance(wanted.hashes, bool):
        shown = {yes_or_no(package.has_hashes) for package in packages}
        yield _texts(project, "hashes", {yes_or_no(wanted.hashes)}, shown)
    elif wanted.hashes is not None:
        texts = {"offered"} if wanted.hashes == "offered" else {*wanted.hashes}
        found = {text for file in files for text in _hashes(file, texts, seen)} or nothing
        yield _texts(project, "hashes", texts, found)
    if wanted.index is not None:
        url = seen.index_urls[wanted.index].rstrip("/")
        places = {
            without_credentials(package.index_url or _NONE).rstrip("/") for package in packages
        }
        yield _texts(project, "index", {url}, places)


def _hashes(file: LockedFile, wanted: Collection[str], seen: Observation) -> Iterator[str]:
    """Yield each hash of a file in the form in which it is compared with ``wanted``.

    If ``wanted`` contains ``offered``, this word is yielded for each hash that an index offers. If
    ``wanted`` contains only algorithms, only the algorithm of each hash is yielded. In all other
    cases, the whole hash is yielded. For a file without hashes, a phrase such as ``no hash`` is
    yielded.
    """
    if not file.hashes:
        yield f"no hash of {file.name}" if file.name else "no hash"
    offered = _offered(file, seen) if "offered" in wanted else ()
    is_whole = "offered" in wanted or any(":" in other for other in wanted)
    for text in file.hashes:
        if text in offered:
            yield "offered"
        else:
            yield text if is_whole else text.partition(":")[0]


def _offered(file: LockedFile, seen: Observation) -> frozenset[str]:
    """Return the hashes that indexes offer for a file.

    If the lockfile does not name the file, the hashes of all offered files are returned.
    """
    if file.name:
        return seen.offered.get(file.name, frozenset())
    return frozenset().union(*seen.offered.values())


def _matches(
    project: str, part: str, patterns: Mapping[str, Matcher], found: Collection[str]
) -> Check:
    """Return a check that every value matches a pattern, and that every pattern matches a value."""
    texts = set(found) - {_NONE}
    held = texts == set(found) and all(
        [any(matches(text) for matches in patterns.values()) for text in texts]
        + [any(map(matches, texts)) for matches in patterns.values()]
    )
    expected = ", ".join(sorted(patterns)) or _NONE
    shown = ", ".join(sorted(found)) or "not locked"
    is_as_empty = expected == shown == _NONE
    return Check(
        CheckKind.LOCKED, expected, shown, held or is_as_empty, subject=project, field=part
    )


def _texts(project: str, part: str, wanted: Collection[str], found: Collection[str]) -> Check:
    expected, shown = ", ".join(sorted(wanted)), ", ".join(sorted(found)) or "not locked"
    held = set(wanted) == set(found)
    return Check(CheckKind.LOCKED, expected, shown, held, subject=project, field=part)
