"""Checks on the tables that configure the installer: sources, conflicts and overrides."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.checks.index_checks import check_attributes
from pytest_indexcache.scenario.checks.vocabulary import Vocabulary
from pytest_indexcache.scenario.findings.finding import Finding, unknown
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import step_for_nobody
from pytest_indexcache.scenario.model.pythons import ExcludedPython, excluded_pythons
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.tables.project import Access, LocalProject, Project, Source, Sources
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, shown

NETRC_WORDS: Final = re.compile(r"[!%&(-\[\]^_a-z{|}~]+ [!%&(-\[\]^_a-z{|}~]+")
"""Matches a user name and a password, separated by a space, that need no quotes in a netrc file."""


def check_project(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each mistake in the project, or in tables such as ``[sources]``."""
    yield from check_conflicts(("project", "conflicts"), scenario.project, vocabulary)
    yield from check_sources(("sources",), scenario.sources, scenario, vocabulary)
    for name in scenario.cache_control:
        if name not in scenario.indexes:
            yield unknown(("cache-control", name), "index", name, scenario.indexes)
    for path, holder in scenario.with_edits:
        yield from _check_access((*path, "access"), holder.access, scenario)
        for number, name in enumerate(holder.project.indexes or ()):
            if name not in scenario.indexes:
                place = (*path, "project", "indexes", number)
                yield unknown(place, "index", name, scenario.indexes)
    yield from check_folders(("local-projects",), scenario.local_projects)
    yield from check_local_attributes((), scenario)
    yield from _check_pythons(scenario)
    yield from _check_audience(scenario)
    for table in ("bug", "fixed_by"):
        known = scenario.affected.keys() | scenario.sometimes.keys() | scenario.measured.keys()
        for name in getattr(scenario, table).keys() - known:
            text = (
                f"neither [affected], [sometimes] nor [measured] lists {name!r}; say which releases"
                " have it"
            )
            yield Finding((table.replace("_", "-"), name), text)
    for name, number in scenario.variants.items():
        if number > len(scenario.steps):
            text = f"there is no step {number}: the last is step {len(scenario.steps)}"
            yield Finding(("variants", name), text)


def _check_access(
    path: Path, tables: Mapping[str, Access], scenario: Scenario
) -> Iterator[Finding]:
    """Yield a finding for each mistake in the user names and passwords sent to indexes."""
    in_netrc: dict[str | None, str] = {}
    for name, access in tables.items():
        if name not in scenario.indexes:
            yield unknown((*path, name), "index", name, scenario.indexes)
            continue
        login = scenario.model_copy(update={"access": tables}).login_of(name)
        if access.password is not None and not access.user:
            yield Finding((*path, name, "password"), "a password needs a `user`")
        if not access.netrc:
            continue
        if login is None or not NETRC_WORDS.fullmatch(" ".join(login)):
            text = "a netrc file needs a user and a password without spaces or quotes"
            yield Finding((*path, name, "netrc"), text, "give `user` and `password`")
        host = urlsplit(scenario.indexes[name].url).hostname
        other = in_netrc.setdefault(host, name)
        if other != name:
            text = f"a netrc file has one user for a host, and {host} has that of {shown(other)}"
            yield Finding((*path, name, "netrc"), text)


def _check_audience(scenario: Scenario) -> Iterator[Finding]:
    """Yield a warning for the first step that no installer can play, if there is such a step."""
    found = step_for_nobody(scenario)
    if found is None:
        return
    position, reasons = found
    listing = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    yield Finding(
        ("steps", position),
        f"every installer skips the scenario ({listing})",
        "give each installer that is meant to play it what this step changes or runs",
        is_warning=True,
    )


def _check_pythons(scenario: Scenario) -> Iterator[Finding]:
    """Yield a warning for each step whose Python version is excluded by ``requires-python``.

    If neither the step nor the scenario sets a version, that of the running Python is checked.
    """
    running = platform.python_version().removesuffix("+")

    def version_of(step: InstallerStep) -> str:
        return step.python or scenario.python or running

    places: dict[int, ExcludedPython] = {}
    for installer in (*scenario.project_files, "any"):
        for excluded in excluded_pythons(scenario, installer, version_of):
            places.setdefault(excluded.step, excluded)
    for number, excluded in places.items():
        path = ("steps", number - 1)
        yield Finding(path, excluded.problem, excluded.remedy, is_warning=True)


def check_conflicts(path: Path, project: Project, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each mistake in the declared conflicts between extras and groups."""
    extras, groups = vocabulary.extras, vocabulary.groups
    for number, conflict in enumerate(project.conflicts):
        if len(conflict) < 2:
            yield Finding((*path, number), "a conflict must name at least two extras or groups")
        for position, choice in enumerate(conflict):
            name = choice.removeprefix("group:")
            kind, known = ("extra", extras) if name == choice else ("group", groups)
            if canonicalize_name(name) not in known:
                yield unknown((*path, number, position), kind, name, known)


def check_local_attributes(path: Path, holder: Scenario | Edit) -> Iterator[Finding]:
    """Yield a finding for each contradiction between the attributes of a local project or file."""
    for key, tables in (
        ("local-projects", holder.local_projects),
        ("local-files", holder.local_files),
    ):
        for name, table in tables.items():
            yield from check_attributes((*path, key, name, "attributes"), table.attributes)


def check_folders(path: Path, projects: Mapping[str, LocalProject]) -> Iterator[Finding]:
    """Yield a finding for each local project that lies inside the folder of another one."""
    folders: dict[str, str] = {}
    for name, project in projects.items():
        first = folders.setdefault(project.path.rstrip("/"), name)
        if first != name:
            text = f"local project {shown(first)} is already in this folder"
            yield Finding((*path, name, "path"), text)


def check_sources(
    path: Path, sources: Sources, scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[Finding]:
    """Yield a finding for each invalid source, and for sources with the same condition."""
    for project, several in sources.items():
        conditions: dict[tuple[str | None, ...], int] = {}
        for number, source in enumerate(several):
            place = (*path, project, number)
            yield from _source(place, source, scenario, vocabulary)
            yield from _condition(place, source, vocabulary)
            condition = (source.extra, source.group, source.marker)
            if conditions.setdefault(condition, number) != number:
                first = conditions[condition] + 1
                yield Finding(place, f"source {first} applies under the same condition")


def _source(
    path: Path, source: Source, scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[Finding]:
    given = [name for name in ("index", "path", "url") if getattr(source, name) is not None]
    if len(given) != 1:
        what = f"{alternatives(given, 'and')} are given" if given else "none is given"
        yield Finding(path, f"a source must have one of index, path and url; here {what}")
    if source.explicit and source.index is None:
        yield Finding((*path, "explicit"), "only an index can be explicit")
    if source.editable and source.path is None:
        yield Finding((*path, "editable"), "only a path can be installed editable")
    if source.index is not None and source.index not in scenario.indexes:
        yield unknown((*path, "index"), "index", source.index, scenario.indexes)
    if source.path is not None:
        yield from check_folder((*path, "path"), source.path, vocabulary)


def check_folder(path: Path, folder: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding if a folder contains no local project."""
    if not vocabulary.has_folder(folder):
        text = f"no local project is in {shown(folder)}"
        yield Finding(path, text, Suggestion(folder, vocabulary.folders, what="they are in"))


def _condition(path: Path, source: Source, vocabulary: Vocabulary) -> Iterator[Finding]:
    extras, groups = vocabulary.extras, vocabulary.groups
    if source.extra is not None and canonicalize_name(source.extra) not in extras:
        yield unknown((*path, "extra"), "extra", source.extra, extras)
    if source.group is not None and canonicalize_name(source.group) not in groups:
        yield unknown((*path, "group"), "group", source.group, groups)
