"""Limits on expectations: the number of patterns, header fields and strings to search for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.values.patterns import is_pattern
from pytest_indexcache.scenario.words import limits

_HINT: Final = "expect only what the report is about"


def check_expectation_counts(scenario: Scenario, files: int) -> Iterator[Finding]:
    """Yield a finding for the expectation at which there are too many patterns or strings.

    ``files`` is the total number of files on the indexes, because each filename pattern is matched
    against all of them.
    """
    count = 0
    different: set[str] = set()
    for step_path, step in scenario.every_step:
        path = (*step_path, "expect")
        names = list(_names(path, step.expect))
        for place, _ in (*names, *_others(path, step.expect)):
            count += 1
            if count > limits.PATTERNS:
                what = f"more than {limits.PATTERNS:,} patterns, fields and texts of output"
                yield Finding(place, f"with this, the scenario expects {what}", _HINT)
                return
        for place, name in names:
            different.add(name)
            if len(different) * files > limits.MATCHES:
                what = f"{len(different):,} patterns for the names of {files:,} files"
                yield Finding(place, f"with this, the scenario has {what}: too many", _HINT)
                return


def _names(path: Path, expect: Expectation) -> Iterator[tuple[Path, str]]:
    """Yield each pattern for project names or filenames, with its key path."""
    for place, tally in expect.tallies:
        for pattern in filter(is_pattern, tally):
            yield (*path, *place, pattern), pattern
    for position, pattern in enumerate(expect.absent):
        if is_pattern(pattern):
            yield (*path, "absent", position), pattern
    for project, locked in expect.locked.items():
        for position, pattern in enumerate(locked.files or ()):
            yield (*path, "locked", project, "files", position), pattern


def _others(path: Path, expect: Expectation) -> Iterator[tuple[Path, str]]:
    """Yield everything else that a play searches for, with its key path.

    This means patterns for URLs and venv files, names of header fields, and strings in the output.
    """
    for project, locked in expect.locked.items():
        for position, pattern in enumerate(locked.urls or ()):
            yield (*path, "locked", project, "urls", position), pattern
    for kind, wishes in expect.fields.items():
        yield from (((*path, "fields", kind, name), name) for name in wishes)
    yield from (((*path, "venv-files", pattern), pattern) for pattern in expect.venv_files)
    if expect.output is not None:
        for key in ("contains", "lacks"):
            for position, text in enumerate(getattr(expect.output, key)):
                yield (*path, "output", key, position), text
