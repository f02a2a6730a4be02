"""Limits on the size of a scenario: the number of values, projects, releases and files.

They are checked before anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_indexcache.scenario.checks.values.expectation_counts import (
    check_expectation_counts,
)
from pytest_indexcache.scenario.checks.values.weight_checks import releases_of
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit, Publish, Replace
from pytest_indexcache.scenario.tables.fields import versions_of
from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.words import limits

_INTEGERS = range(-(2 ** (limits.INTEGER_BITS - 1)), 2 ** (limits.INTEGER_BITS - 1))


def check_data(data: Any) -> Iterator[Finding]:
    """Yield a finding if the file has too many values, or an integer that is too large for TOML."""
    count = 0
    waiting: list[tuple[Path, Any, int]] = [((), data, 1)]
    while waiting:
        path, value, times = waiting.pop()
        if isinstance(value, int) and value not in _INTEGERS:
            text = f"the integer has more than {limits.INTEGER_BITS} bits, which TOML does not have"
            yield Finding(path, text, "write a smaller number")
            return
        if isinstance(value, dict | list):
            count += times * (sum(map(_keys, value)) if isinstance(value, dict) else len(value))
            if count > limits.VALUES:
                text = f"a scenario can have at most {limits.VALUES:,} keys and elements of arrays"
                yield Finding(path, text, "leave out what the report does not need")
                return
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += (
                ((*path, key), inner, times * (_keys(key) if isinstance(key, str) else 1))
                for key, inner in parts
            )


def _keys(key: str) -> int:
    """Return the number of versions that a key stands for, which is more than 1 for a range."""
    try:
        return len(versions_of(key))
    except ValueError:
        return 1


def check_counts(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each exceeded limit on steps, projects, releases or files."""
    releases = list(releases_of(scenario))
    projects = (
        (("indexes", name, "packages", project), 1)
        for name, index in scenario.indexes.items()
        for project in index.packages
    )
    steps = ((place, 1) for place, _ in scenario.every_step)
    yield from _above(limits.STEPS, "steps", steps)
    yield from _above(limits.PROJECTS, "projects on its indexes", projects)
    yield from _above(limits.RELEASES, "releases", ((path, 1) for path, _, _ in releases))
    files = [(path, len(release.files) or unlisted) for path, release, unlisted in releases]
    yield from _above(limits.FILES, "files of releases", files)
    yield from _long_filenames(scenario)
    yield from _above(limits.OWN_FILES, "files and local projects of its own", _own(scenario))
    yield from check_expectation_counts(scenario, sum(count for _, count in files))


def _above(most: int, what: str, places: Iterable[tuple[Path, int]]) -> Iterator[Finding]:
    """Yield a finding for the first path at which the sum of the counts exceeds ``most``."""
    total = 0
    for path, count in places:
        total += count
        if total > most:
            yield Finding(path, f"with this, the scenario has more than {most:,} {what}")
            return


def _long_filenames(scenario: Scenario) -> Iterator[Finding]:
    for path, names in _filenames(scenario):
        longest = max(names, key=len)
        if len(longest) > limits.FILENAME:
            length, most = len(longest), limits.FILENAME
            text = f"the name of a file has {length} characters; at most {most} are allowed"
            yield Finding(path, text)


def _filenames(scenario: Scenario) -> Iterator[tuple[Path, tuple[str, ...]]]:
    for name, index in scenario.indexes.items():
        for project, releases in index.packages.items():
            for version, release in releases.items():
                path = ("indexes", name, "packages", project, version)
                yield path, filenames(project, version, release)
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Publish | Replace):
            yield ("steps", number), filenames(step.project, step.version, step.contents)


def _own(scenario: Scenario) -> Iterator[tuple[Path, int]]:
    for prefix, holder in scenario.with_edits:
        for key in ("files", "project_files", "local_files", "local_projects"):
            for name in getattr(holder, key):
                yield (*prefix, key.replace("_", "-"), name), 1
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Edit):
            yield from ((("steps", number, "replace-text", name), 1) for name in step.replace_text)
