"""Find impossible indexes and changes by building the indexes without playing the scenario."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.safety.asked_urls import (
    AskedUrl,
    may_be_refused,
    redirected_urls,
    required_urls,
)
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.steps import IndexStep
from pytest_indexcache.scenario.words.wording import shown

_MOST: Final = 20
"""The maximum number of errors to find in tables; all indexes are built again after each one."""


def check_indexes_and_changes(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each index and each change that is impossible."""
    indexes, errors = _built(scenario.indexes)
    yield from (_finding(("indexes", error.index), error) for error in errors)
    if indexes is None:
        return
    succeeds = all(step.expect.exit == "success" for _, step in scenario.every_step)
    required = tuple(required_urls(scenario)) if succeeds and not errors else ()
    files = set(indexes.files) if required else None
    yield from _changed(indexes, scenario, errors, files)
    if not (errors or may_be_refused(scenario)):
        yield from _unserved(redirected_urls(scenario), indexes)
    if files is not None:
        yield from _missed(required, indexes, files)


def _built(tables: Mapping[str, Index]) -> tuple[FakeIndexes | None, list[FakeIndexError]]:
    """Build the indexes without the tables that have errors; return the indexes and the errors.

    If there are too many errors, None is returned in place of the indexes.
    """
    errors: list[FakeIndexError] = []
    while len(errors) < _MOST:
        try:
            return FakeIndexes(tables), errors
        except FakeIndexError as error:
            errors.append(error)
            tables = _without(tables, error)
    return None, errors


def _changed(
    indexes: FakeIndexes,
    scenario: Scenario,
    errors: list[FakeIndexError],
    files: set[Location] | None,
) -> Iterator[Finding]:
    """Apply the changes that steps make, and yield a finding for each impossible change.

    Changes to projects that had errors before are skipped. If ``files`` is given, the locations of
    all files are added to it after each change.
    """
    left_out = {(error.index, _project(error.path)) for error in errors}
    for number, step in enumerate(scenario.steps):
        if not isinstance(step, IndexStep) or step.index not in scenario.indexes:
            continue
        project = getattr(step, "project", None)
        if left_out & {(step.index, None), (step.index, project or "")}:
            continue
        try:
            indexes.apply(step)
        except FakeIndexError as error:
            yield _finding(("steps", number), error)
            left_out |= {(step.index, project)} if project else set()
        if files is not None:
            files |= indexes.files


def _unserved(redirects: Iterable[AskedUrl], indexes: FakeIndexes) -> Iterator[Finding]:
    """Yield a finding for each redirect that leads to a host without an index."""
    for asked in redirects:
        if not indexes.serves(asked.url):
            text = f"no index is at {shown(asked.url)}"
            yield Finding(asked.path, text, _hint_of_hosts(indexes))


def _missed(
    required: Iterable[AskedUrl], indexes: FakeIndexes, files: Collection[Location]
) -> Iterator[Finding]:
    """Yield a finding for each URL that never leads to a file on an index."""
    for path, url, is_unconditional in required:
        location = Location.of(url)
        if is_unconditional and indexes.serves(url) and location not in files:
            name = location.path.rpartition("/")[2]
            is_elsewhere = any(file.path.endswith(f"/{name}") for file in files)
            where = f"{name} is at another URL; " if is_elsewhere else ""
            hint = f"{where}give the release of an index this url, or an exit to the step"
            yield Finding(path, f"no file is at {shown(url)} at any time", hint)


def _hint_of_hosts(indexes: FakeIndexes) -> str:
    places = sorted(_named(origin) for origin in indexes.origins)
    known = f"they are at {', '.join(places)}" if 0 < len(places) <= 8 else ""
    return known or "give the scenario an index there"


def _named(origin: HostPort) -> str:
    return origin.host if origin.port in (80, 443) else f"{origin.host}:{origin.port}"


def _without(tables: Mapping[str, Index], error: FakeIndexError) -> dict[str, Index]:
    """Return the tables without the release, page or index that caused an error."""
    index = tables[error.index]
    match error.path:
        case ("packages", str(project), str(version), *_):
            releases = {k: v for k, v in index.packages[project].items() if k != version}
            packages = {**index.packages, project: releases}
            return {**tables, error.index: index.model_copy(update={"packages": packages})}
        case ("pages", str(name), *_):
            pages = {k: v for k, v in index.pages.items() if k != name}
            return {**tables, error.index: index.model_copy(update={"pages": pages})}
        case _:
            return {name: table for name, table in tables.items() if name != error.index}


def _project(path: Path) -> str | None:
    """Return the project in the key path of an error, or None if the path contains no project."""
    return str(path[1]) if path and path[0] in ("packages", "pages") else None


def _finding(place: Path, error: FakeIndexError) -> Finding:
    return Finding((*place, *error.path), error.problem, error.hint)
