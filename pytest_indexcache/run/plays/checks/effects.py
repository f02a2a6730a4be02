"""Check builds, imported values, the consistency of the venv, and the output."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.run.plays.checks.counting import counted
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.run.plays.venvs.distributions import inconsistencies
from pytest_indexcache.scenario.tables.expectation import Expectation


def check_effects(expected: Expectation, seen: Observation) -> Iterator[Check]:
    """Yield the checks on builds, imported values, consistency and output."""
    if expected.builds is not None:
        for project in sorted({*expected.builds, *seen.builds}):
            wanted, count = expected.builds.get(project, 0), seen.builds.get(project, 0)
            yield counted(CheckKind.BUILDS, wanted, count, subject=project)
    for name, value in expected.imports.items():
        found = seen.imports.get(name)
        held = type(found) is type(value) and found == value
        yield Check(CheckKind.IMPORTS, repr(value), repr(found), held, subject=name)
    if expected.check is not None:
        problems = inconsistencies(seen.after)
        shown = "; ".join(problems) or "consistent"
        wanted_text = "consistent" if expected.check else "inconsistent"
        yield Check(CheckKind.CHECK, wanted_text, shown, expected.check == (not problems))
    if expected.output is not None:
        for text in expected.output.contains:
            yield _output("contains", text, seen, wanted=True)
        for text in expected.output.lacks:
            yield _output("lacks", text, seen, wanted=False)


def _output(part: str, text: str, seen: Observation, *, wanted: bool) -> Check:
    is_there = text in seen.output
    shown = "there" if is_there else "not there"
    return Check(CheckKind.OUTPUT, repr(text), shown, is_there == wanted, subject=text, field=part)
