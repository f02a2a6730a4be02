"""Find steps that expect a universal lockfile: packages for other platforms and Pythons.

The lockfiles of uv, Poetry and PDM are universal. Other installers lock for the environment in
which they run, and leave out packages that a marker excludes there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Publish, Replace
from pytest_indexcache.scenario.tables.expectation import Locked
from pytest_indexcache.scenario.tables.steps import Compile, Edit, InstallerStep

UNIVERSAL: Final = "packages for other platforms or Pythons in its lockfile"
"""The name used in skip reasons for content that only universal lockfiles have."""

WITHOUT_HASHES: Final = "files without a hash in its lockfile"
"""The name used in skip reasons for files without a hash, which some lockfiles never have."""

_OF_ENVIRONMENT: Final = re.compile(
    r"os_name|sys_platform|platform_\w+|python_version|python_full_version|implementation_\w+"
)
_TEXT: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")

_ROOT: Final = NormalizedName("")
"""The key in a :data:`Graph` that stands for the project itself."""

Graph = Mapping[NormalizedName, Iterable[Requirement]]
"""The requirements of each project, merged from all of its releases."""


def locked_for_others(step: InstallerStep | Edit, scenario: Scenario) -> str | None:
    """Return an expected project that only a universal lockfile can contain, or None.

    Such a project is required only by markers that are false in this environment, or has several
    versions because of markers, or has wheels that do not fit this environment.
    """
    if not isinstance(step, InstallerStep) or not step.expect.locked:
        return None
    graph, markers = _graph(scenario), _markers(scenario)
    elsewhere = _reached(graph, None) - _reached(graph, markers)
    by_marker = _left_out(graph, markers) | {
        name
        for name, sources in scenario.sources.items()
        if any(source.marker and _OF_ENVIRONMENT.search(str(source.marker)) for source in sources)
    }
    for name, wanted in step.expect.locked.items():
        project = canonicalize_name(name)
        is_split = project in by_marker or not _forks(scenario)
        if project in elsewhere or (_has_several(wanted) and is_split):
            return name
        if not all(_may_fit(file, scenario.python) for file in wanted.files or ()):
            return name
    return None


def expects_no_hashes(step: InstallerStep | Edit) -> bool:
    """Return whether a step expects a package's files to have no hashes in the lockfile."""
    if not isinstance(step, InstallerStep) or isinstance(step, Compile):
        return False
    return any(wanted.hashes is False for wanted in step.expect.locked.values())


def required_projects(scenario: Scenario, texts: Iterable[str]) -> frozenset[str]:
    """Return the projects that requirements need, directly or not, in at least one environment."""
    graph = {**_graph(scenario), _ROOT: [Requirement(text) for text in texts]}
    return _reached(graph, None, _ROOT) - {_ROOT}


def _has_several(wanted: Locked) -> bool:
    return isinstance(wanted.version, tuple) and len({*wanted.version}) > 1


def _may_fit(file: str, python: str | None) -> bool:
    """Return whether a file fits this environment; a name with wildcards is assumed to fit."""
    if not file.endswith(".whl") or re.search(r"[*?]", file):
        return True
    version = Version(python).release[:2] if python else None
    here = {*cpython_tags(version), *compatible_tags(version)}
    return not here.isdisjoint(parse_wheel_filename(file)[3])


def _forks(scenario: Scenario) -> bool:
    """Return whether extras or groups can lead to several versions of one project."""
    sources = chain.from_iterable(scenario.sources.values())
    return bool(scenario.project.conflicts) or any(
        source.extra or source.group for source in sources
    )


def _graph(scenario: Scenario) -> Graph:
    project = scenario.project
    root = canonicalize_name(project.name)
    lists = (project.optional_dependencies.values(), project.dependency_groups.values())
    requires = {root: list(chain(project.dependencies, *chain.from_iterable(lists)))}
    for name, local in scenario.local_projects.items():
        own = chain(local.requires, *local.extras.values())
        requires.setdefault(canonicalize_name(name), []).extend(own)
    for name, texts in _releases(scenario):
        requires.setdefault(canonicalize_name(name), []).extend(texts)
    return {name: [Requirement(text) for text in texts] for name, texts in requires.items()}


def _releases(scenario: Scenario) -> Iterator[tuple[str, Iterable[str]]]:
    for index in scenario.indexes.values():
        for name, releases in index.packages.items():
            for release in releases.values():
                yield name, chain(release.requires, *release.extras.values())
    for step in scenario.steps:
        if isinstance(step, Publish | Replace):
            yield step.project, chain(step.contents.requires, *step.contents.extras.values())


def _reached(
    graph: Graph, markers: Mapping[str, str] | None, first: NormalizedName | None = None
) -> frozenset[NormalizedName]:
    """Return ``first`` and all projects that it needs, directly or indirectly.

    If ``markers`` are given, requirements with a false marker are ignored. By default, ``first`` is
    the first project in the graph.
    """
    waiting = [next(iter(graph)) if first is None else first]
    found = set(waiting)
    while waiting:
        for requirement in graph.get(waiting.pop(), ()):
            name = canonicalize_name(requirement.name)
            if name not in found and (markers is None or _may_hold(requirement.marker, markers)):
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def _left_out(graph: Graph, markers: Mapping[str, str]) -> frozenset[NormalizedName]:
    """Return the projects that are required, but excluded by markers in this environment."""
    requirements = (
        requirement for name in _reached(graph, None) for requirement in graph.get(name, ())
    )
    return frozenset(
        canonicalize_name(requirement.name)
        for requirement in requirements
        if not _may_hold(requirement.marker, markers)
    )


def _may_hold(marker: Marker | None, markers: Mapping[str, str]) -> bool:
    """Return whether a marker is true in this environment, either without extras or with one extra.

    A marker that does not depend on the environment counts as true.
    """
    if marker is None or not _OF_ENVIRONMENT.search(str(marker)):
        return True
    extras = {"", *(one or other for one, other in _TEXT.findall(str(marker)))}
    return any(marker.evaluate({**markers, "extra": extra}) for extra in extras)


def _markers(scenario: Scenario) -> dict[str, str]:
    markers = {key: str(value) for key, value in default_environment().items()}
    if scenario.python:
        version = Version(scenario.python)
        markers["python_version"] = f"{version.major}.{version.minor}"
        markers["python_full_version"] = str(scenario.python)
    return markers
