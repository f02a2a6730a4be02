"""Check the contents of a venv, and the changes that a step made to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from pytest_indexcache.run.plays.checks.counting import counted, yes_or_no
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.values.patterns import name_matcher


def check_contents(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the projects in the venv."""
    for project, version in expected.installed.items():
        found = seen.after.get(project)
        shown = found.version if found else "not installed"
        yield Check(CheckKind.INSTALLED, version, shown, shown == version, subject=project)
    if expected.installed_count is not None:
        yield counted(CheckKind.INSTALLED_COUNT, expected.installed_count, len(seen.after))
    for pattern in expected.absent:
        matches = name_matcher(pattern)
        there = sorted(name for name in seen.after if matches(name))
        shown = ", ".join(there) or "absent"
        yield Check(CheckKind.ABSENT, "absent", shown, not there, subject=pattern)


def check_files(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the files in the venv."""
    for pattern, wanted in expected.venv_files.items():
        found = seen.venv_files.get(pattern, ())
        paths = f": {', '.join(file.path for file in found[:3])}" if found else ""
        shown = f"{len(found) or 'no'} {'file' if len(found) == 1 else 'files'}{paths}"
        kind, count = CheckKind.VENV_FILES, len(found)
        bound = wanted if not isinstance(wanted, bool) else ">= 1" if wanted else 0
        check = counted(kind, bound, count, subject=pattern)
        if isinstance(wanted, bool):
            check = replace(check, expected="there" if wanted else "not there")
        yield replace(check, seen=shown)


def check_changes(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the projects that the step added, removed and reinstalled."""
    for kind, wanted, found in (
        (CheckKind.ADDED, expected.added, seen.added),
        (CheckKind.REMOVED, expected.removed, seen.removed),
        (CheckKind.REINSTALLED, expected.reinstalled, seen.reinstalled),
    ):
        if isinstance(wanted, int):
            yield counted(kind, wanted, len(found))
        elif wanted is not None:
            yield from _versions(kind, wanted, found)


def _versions(
    kind: CheckKind, wanted: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Check]:
    for project in sorted({*wanted, *found}):
        expected, seen = wanted.get(project, "nothing"), found.get(project, "nothing")
        yield Check(kind, expected, seen, expected == seen, subject=project)
    if not wanted and not found:
        yield Check(kind, "nothing", "nothing", held=True)


def check_origins(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on the origins and builds of the projects in the venv."""
    editable = {name: yes_or_no(value) for name, value in expected.editable.items()}
    tables: list[tuple[CheckKind, Mapping[str, str], Callable[[Distribution], str]]] = [
        (CheckKind.ORIGIN, expected.origin, lambda distribution: distribution.origin),
        (
            CheckKind.EDITABLE,
            editable,
            lambda distribution: yes_or_no(distribution.origin == "editable"),
        ),
        (
            CheckKind.BUILDS_OF,
            expected.builds_of,
            lambda distribution: distribution.build or "no marker",
        ),
    ]
    for kind, wanted, read in tables:
        for project, value in wanted.items():
            found = seen.after.get(project)
            shown = read(found) if found else "not installed"
            yield Check(kind, value, shown, shown == value, subject=project)
