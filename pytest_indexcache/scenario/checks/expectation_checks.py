"""Checks on expectations: the projects, releases and indexes that they name must exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from pytest_indexcache.scenario.checks.vocabulary import Vocabulary
from pytest_indexcache.scenario.checks.workspace_checks import check_glob
from pytest_indexcache.scenario.findings.finding import Finding, unknown, unknown_release
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.counts import amount_in_bytes, holds
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields import Count, is_file_pattern
from pytest_indexcache.scenario.values.patterns import is_pattern, name_matcher

_VERSIONS: Final = ("installed", "added", "removed", "reinstalled")
"""Expectations whose values are versions of projects."""

_OF_WHO_ASKS: Final = frozenset(
    ("authorization", "cookie", "host", "proxy-authorization", "user-agent")
)
"""Header fields that identify the client rather than the resource."""


def check_expectations(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each mistake in expectations, or if the last steps expect nothing."""
    yield from _pointless(scenario)
    yield from _only_negative(scenario)
    for place, step in scenario.every_step:
        path = (*place, "expect")
        yield from _indexes(path, step.expect, scenario)
        yield from _patterns(path, step.expect, vocabulary)
        yield from _projects(path, step.expect, vocabulary)
        yield from _releases(path, step.expect, vocabulary)
        yield from _fields(path, step.expect)
        for pattern in step.expect.venv_files:
            yield from check_glob((*path, "venv-files", pattern), pattern, "the venv")


def _pointless(scenario: Scenario) -> Iterator[Finding]:
    expecting = [int(place[1]) for place, step in scenario.every_step if not step.expect.is_empty]
    if not expecting:
        text = "nothing is expected of any step"
        yield Finding(("steps",), text, "say with `expect` what should be seen", of_plays=True)
    elif expecting[-1] + 1 < len(scenario.steps):
        text = "nothing is expected of this step or of any after it"
        hint = "give it an `expect`, or leave it out"
        yield Finding(("steps", expecting[-1] + 1), text, hint, of_plays=True)


def _only_negative(scenario: Scenario) -> Iterator[Finding]:
    """Yield a warning if an installer that does nothing at all would meet all expectations."""
    expectations = [step.expect for _, step in scenario.every_step]
    if all(expectation.is_empty for expectation in expectations) or any(
        map(_is_positive, expectations)
    ):
        return
    yield Finding(
        ("steps",),
        "no step expects a request, a download or a change: each `expect` is met by an installer "
        "that does nothing",
        'say what a step brings, such as expect = { installed = { NAME = "VERSION" } }',
        is_warning=True,
    )


def _is_positive(expect: Expectation) -> bool:
    """Return whether the expectation fails if the installer does nothing."""
    counts: list[Count] = [
        *_counts(expect.downloads),
        *_counts(expect.requests),
        *_counts(expect.past_edge),
        *_counts(expect.revalidated),
        *_counts(expect.builds),
        *(count for kinds in expect.requests_to.values() for count in kinds.values()),
        *_cached(expect),
        *map(amount_in_bytes, _counts(expect.bytes_)),
    ]
    tables = (expect.editable, expect.origin, expect.builds_of, expect.locked, expect.imports)
    return (
        expect.exit not in ("success", "any", 0)
        or any(not holds(count, 0) for count in counts)
        or any(bool(getattr(expect, key)) for key in _VERSIONS)
        or any(map(bool, tables))
        or expect.nominal is not None
        or expect.lockfile == "changed"
        or any(wish is not False for wishes in expect.fields.values() for wish in wishes.values())
        or any(wanted is True or not holds(wanted, 0) for wanted in expect.venv_files.values())
        or bool(expect.installed_count)
        or bool(expect.output and expect.output.contains)
    )


def _counts(expected: Count | Mapping[Any, Count] | None) -> Collection[Count]:
    if isinstance(expected, Mapping):
        return expected.values()
    return () if expected is None else (expected,)


def _cached(expect: Expectation) -> Iterator[Count]:
    if isinstance(expect.cached, Mapping):
        for counts in expect.cached.values():
            yield from _counts(counts)
    else:
        yield from _counts(expect.cached)


def _fields(path: Path, expect: Expectation) -> Iterator[Finding]:
    for kind, wishes in expect.fields.items():
        for name, wish in wishes.items():
            if name.lower() in _OF_WHO_ASKS and isinstance(wish, str):
                text = (
                    f"the value of {name} is not compared: it depends on the installer or the user"
                )
                hint = "set true if it is to be sent, or false"
                yield Finding((*path, "fields", kind, name), text, hint)


def _indexes(path: Path, expect: Expectation, scenario: Scenario) -> Iterator[Finding]:
    for name in expect.requests_to:
        if name not in scenario.indexes:
            yield unknown((*path, "requests-to", name), "index", name, scenario.indexes)
    if expect.past_edge is not None and all(
        index.edge is None for index in scenario.indexes.values()
    ):
        text = "no index has an edge that requests could go past"
        yield Finding(
            (*path, "past-edge"), text, "give an index a table `edge`, or expect requests"
        )
    for project, locked in expect.locked.items():
        if locked.index is not None and locked.index not in scenario.indexes:
            place = (*path, "locked", project, "index")
            yield unknown(place, "index", locked.index, scenario.indexes)


def _patterns(path: Path, expect: Expectation, vocabulary: Vocabulary) -> Iterator[Finding]:
    for key, tally in expect.tallies:
        for pattern in tally:
            yield from _pattern((*path, *key, pattern), pattern, vocabulary)
    for position, pattern in enumerate(expect.absent):
        yield from _pattern((*path, "absent", position), pattern, vocabulary)
    for project, locked in expect.locked.items():
        for position, pattern in enumerate(locked.files or ()):
            place = (*path, "locked", project, "files", position)
            yield from _pattern(place, pattern, vocabulary)


def _pattern(path: Path, pattern: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    known: Collection[str] = vocabulary.projects
    what = "project"
    if is_file_pattern(pattern):
        known, what = vocabulary.files, "file"
    if pattern in known or pattern == "*":
        return
    names = chain(known, vocabulary.files) if is_pattern(pattern) else ()
    if not any(map(name_matcher(pattern), names)):
        yield unknown(path, what, pattern, known)


def _projects(path: Path, expect: Expectation, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each expected project that no index or local project provides."""
    for key in (*_VERSIONS, "editable", "origin", "builds_of", "locked"):
        yield from _names((*path, key.replace("_", "-")), getattr(expect, key), vocabulary)
    yield from _names((*path, "builds"), expect.builds, vocabulary)


def _names(path: Path, table: object, vocabulary: Vocabulary) -> Iterator[Finding]:
    for name in table if isinstance(table, Mapping) else ():
        if name not in vocabulary.projects:
            yield unknown((*path, name), "project", name, vocabulary.projects)


def _releases(path: Path, expect: Expectation, vocabulary: Vocabulary) -> Iterator[Finding]:
    for key in _VERSIONS:
        table = getattr(expect, key)
        for project, version in table.items() if isinstance(table, Mapping) else ():
            yield from _release((*path, key, project), project, version, vocabulary)
    for project, locked in expect.locked.items():
        versions = (locked.version,) if isinstance(locked.version, str) else locked.version or ()
        for version in versions:
            place = (*path, "locked", project, "version")
            yield from _release(place, project, version, vocabulary)


def _release(path: Path, project: str, version: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    versions = vocabulary.projects.get(project)
    is_open = project in vocabulary.of_files
    if versions is not None and version not in versions and not is_open:
        yield unknown_release(path, project, version, versions)
