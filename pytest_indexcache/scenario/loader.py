"""Load scenario files strictly: report all mistakes at once, each with its line and key."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from pytest_indexcache.errors import Problem, ScenarioError
from pytest_indexcache.scenario.checks.references import find_wrong_references
from pytest_indexcache.scenario.checks.values.count_checks import check_counts, check_data
from pytest_indexcache.scenario.checks.values.problems import findings_of
from pytest_indexcache.scenario.checks.values.repairs import Repair
from pytest_indexcache.scenario.findings.finding import Finding, located
from pytest_indexcache.scenario.findings.positions import find_positions
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.syntax import parse_toml
from pytest_indexcache.scenario.words import limits

Check: TypeAlias = Callable[[Scenario], Iterable[Finding]]
"""A function that looks for further mistakes in a loaded scenario and yields them."""


@dataclass(frozen=True)
class LoadedScenario:
    """A valid scenario, and the warnings about its file."""

    scenario: Scenario
    warnings: tuple[Problem, ...] = ()


def load_scenario(path: Path, *checks: Check) -> Scenario:
    """Load a scenario from a file; see :func:`read_scenario` for the errors."""
    return read_scenario(path, *checks).scenario


def loads(text: str, file: Path | None = None, *checks: Check) -> Scenario:
    """Load a scenario from text; see :func:`reads`."""
    return reads(text, file, *checks).scenario


def read_scenario(path: Path, *checks: Check, is_played: bool = True) -> LoadedScenario:
    """Read a scenario file.

    Raises :class:`ScenarioError` with every problem that was found. The following are problems: a
    file that cannot be read, is larger than 5 MiB, or is not valid UTF-8 and TOML; unknown keys and
    invalid values; names that nothing in the file defines; and the findings of all other checks. If
    ``is_played`` is false, a scenario without expectations is accepted as well.
    """
    try:
        data = _read(path)
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror or error}") from None
    if len(data) > limits.FILE_BYTES:
        raise _error(
            path,
            "is larger than 5 MiB",
            hint="a scenario file gives the size of wheels and sdists (size), not their contents",
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        raise _error(path, text, line, "save the file as UTF-8") from None
    return reads(text, path, *checks, is_played=is_played)


def reads(
    text: str, file: Path | None = None, *checks: Check, is_played: bool = True
) -> LoadedScenario:
    """Read a scenario from text; ``file`` is the path to show in error messages.

    Raises :class:`ScenarioError` as :func:`read_scenario` does.
    """
    text = text.removeprefix("\ufeff")
    data = parse_toml(text, file)
    return read_data(data, *checks, file=file, text=text, is_played=is_played)


def read_data(
    data: Any,
    *checks: Check,
    file: Path | None = None,
    text: str = "",
    by_name: bool = False,
    is_played: bool = True,
) -> LoadedScenario:
    """Read a scenario from parsed TOML; ``text`` is the text of its file, if there is one.

    If ``by_name`` is true, keys can be spelled with underscores. Raises :class:`ScenarioError` as
    :func:`read_scenario` does.
    """
    if not data:
        raise _error(file, "is empty", hint="a scenario has at least a title and one step")
    too_much = list(check_data(data))
    if too_much:
        raise ScenarioError(file, located(too_much, data, find_positions(text)))
    try:
        scenario = Scenario.model_validate(data, by_alias=True, by_name=by_name)
    except ValidationError as error:
        wrong = list(findings_of(error, data))
        wrong += _looked_up(wrong, data)
        raise ScenarioError(file, located(wrong, data, find_positions(text))) from None
    findings = _findings(scenario, checks, is_played=is_played)
    problems = located(findings, data, find_positions(text)) if findings else ()
    if any(not finding.is_warning for finding in findings):
        raise ScenarioError(file, problems)
    return LoadedScenario(scenario, problems)


def check_value(scenario: Scenario, *checks: Check) -> None:
    """Raise :class:`ScenarioError` if a scenario created in Python would be invalid as a file."""
    findings = [finding for finding in _findings(scenario, checks) if not finding.is_warning]
    if findings:
        raise ScenarioError(None, located(findings, scenario.model_dump(), find_positions("")))


def _looked_up(wrong: Sequence[Finding], data: Any) -> list[Finding]:
    """Return findings about unknown names, and about mistakes hidden below misspelt keys."""
    repair = Repair.of(wrong, data)
    found = repair.behind_misspelt_keys
    if repair.scenario is None or any(map(bool, check_counts(repair.scenario))):
        return found
    return found + [
        finding
        for finding in repair.lookups(find_wrong_references(repair.scenario))
        if not any(other.overlaps(finding.path) for other in (*wrong, *found))
    ]


def _findings(
    scenario: Scenario, checks: Iterable[Check], *, is_played: bool = True
) -> list[Finding]:
    """Return the findings of all checks; later checks do not report the same wrong value again."""
    findings = list(check_counts(scenario))
    if findings:
        return findings
    wrong = find_wrong_references(scenario)
    findings += (finding for finding in wrong if is_played or not finding.of_plays)
    for check in checks:
        known = [finding for finding in findings if not finding.is_warning]
        findings += [
            finding
            for finding in check(scenario)
            if not any(other.overlaps(finding.path) for other in known)
        ]
    return findings


def _read(path: Path) -> bytes:
    """Return the contents of a file, but at most one byte more than the limit for scenarios."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"it is {'a folder' if path.is_dir() else 'no regular file'}")
    with path.open("rb") as file:
        return file.read(limits.FILE_BYTES + 1)


def _error(file: Path | None, text: str, line: int | None = None, hint: str = "") -> ScenarioError:
    return ScenarioError(file, (Problem(text, "", line, hint),))
