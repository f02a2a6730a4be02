"""The URLs that installers request because of a scenario: file URLs, and targets of redirects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.requirements import Requirement

from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit, Publish, Replace
from pytest_indexcache.scenario.tables.indexes import FileOptions, MetadataApart, Release
from pytest_indexcache.scenario.tables.project import LocalFile, LocalProject, Project, Sources
from pytest_indexcache.scenario.tables.verbs import Add, Compile, Install


class AskedUrl(NamedTuple):
    """A URL, its key path in the scenario file, and whether it is certain to be requested.

    The URL in a requirement with a marker is not certain to be requested: the marker may be false.
    """

    path: Path
    url: str
    is_unconditional: bool = True


def redirected_urls(scenario: Scenario) -> Iterator[AskedUrl]:
    """Yield the absolute URLs that are the targets of an index's redirects."""
    for name, index in scenario.indexes.items():
        if index.unknown_redirect:
            yield AskedUrl(("indexes", name, "unknown-redirect"), index.unknown_redirect)
        if index.anonymous_redirect:
            yield AskedUrl(("indexes", name, "anonymous-redirect"), index.anonymous_redirect)
        for project, page in index.pages.items():
            if page.redirect and not page.redirect.startswith("/"):
                place = ("indexes", name, "pages", project, "redirect")
                yield AskedUrl(place, page.redirect)


def required_urls(scenario: Scenario) -> Iterator[AskedUrl]:
    """Yield the file URLs in requirements and sources."""
    yield from _project(("project",), scenario.project)
    yield from _sources(("sources",), scenario.sources)
    yield from _local_projects(("local-projects",), scenario.local_projects)
    yield from _local_files(("local-files",), scenario.local_files)
    for name, index in scenario.indexes.items():
        for project, releases in index.packages.items():
            for version, release in releases.items():
                yield from _release(("indexes", name, "packages", project, version), release)
    for path, step in scenario.every_step:
        if isinstance(step, Edit):
            yield from _local_files((*path, "local-files"), step.local_files)
            yield from _project((*path, "project"), step.project)
            yield from _sources((*path, "sources"), step.sources or {})
            yield from _local_projects((*path, "local-projects"), step.local_projects)
        elif isinstance(step, Publish | Replace):
            yield from _release((*path, "contents"), step.contents)
        elif isinstance(step, Install | Add | Compile):
            for key in ("requirements", "overrides", "constraints"):
                yield from _texts((*path, key), getattr(step, key, ()))


def _project(path: Path, project: Project) -> Iterator[AskedUrl]:
    for key in ("dependencies", "overrides", "constraints"):
        yield from _texts((*path, key), getattr(project, key))
    for key in ("optional_dependencies", "dependency_groups"):
        for name, texts in getattr(project, key).items():
            yield from _texts((*path, key.replace("_", "-"), name), texts)


def _sources(path: Path, sources: Sources) -> Iterator[AskedUrl]:
    for project, several in sources.items():
        for number, source in enumerate(several):
            if source.url:
                yield AskedUrl((*path, project, number, "url"), source.url, not source.marker)


def _local_projects(path: Path, projects: Mapping[str, LocalProject]) -> Iterator[AskedUrl]:
    for name, project in projects.items():
        yield from _required((*path, name), project)


def _local_files(path: Path, files: Mapping[str, LocalFile]) -> Iterator[AskedUrl]:
    for name, file in files.items():
        yield from _texts((*path, name, "requires"), file.requires)


def _required(path: Path, of: Release | LocalProject) -> Iterator[AskedUrl]:
    yield from _texts((*path, "requires"), of.requires)
    for extra, texts in of.extras.items():
        yield from _texts((*path, "extras", extra), texts)


def _release(path: Path, release: Release) -> Iterator[AskedUrl]:
    yield from _required(path, release)
    parts: list[tuple[Path, FileOptions]] = [((), release)]
    parts += [(("files", number), file) for number, file in enumerate(release.files)]
    for key, part in parts:
        if isinstance(part.metadata, MetadataApart):
            yield from _texts((*path, *key, "metadata", "requires"), part.metadata.requires)


def _texts(path: Path, texts: Sequence[str]) -> Iterator[AskedUrl]:
    for number, text in enumerate(texts):
        if "://" in text:
            requirement = Requirement(text)
            if requirement.url:
                yield AskedUrl((*path, number), requirement.url, requirement.marker is None)


def may_be_refused(scenario: Scenario) -> bool:
    """Return whether a step expects requests to be refused, so a refusal is not a mistake."""
    return any(
        "refused" in kinds
        for _, step in scenario.every_step
        for kinds in _kinds(step.expect.requests, step.expect.requests_to.values())
    )


def _kinds(first: object, others: Iterable[object]) -> Iterator[Mapping[str, object]]:
    yield from (kinds for kinds in (first, *others) if isinstance(kinds, Mapping))
