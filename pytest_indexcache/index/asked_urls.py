"""URLs that a scenario has installers ask for: of files, and where pages redirect to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from packaging.requirements import Requirement

from pytest_indexcache.scenario.checks.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit, Publish, Replace
from pytest_indexcache.scenario.tables.indexes import Release
from pytest_indexcache.scenario.tables.project import LocalProject, Project, Sources
from pytest_indexcache.scenario.tables.verbs import Add, Command, Compile, Install

_URL: Final = re.compile(r"https?://[^\s/'\"]+[^\s'\",;]*")

Place = tuple[Path, str]
"""A path in the file, and the URL that stands there."""


def redirected_urls(scenario: Scenario) -> Iterator[Place]:
    """Yield the absolute URLs to which indexes redirect."""
    for name, index in scenario.indexes.items():
        if index.unknown_redirect:
            yield ("indexes", name, "unknown-redirect"), index.unknown_redirect
        for project, page in index.pages.items():
            if page.redirect and not page.redirect.startswith("/"):
                yield ("indexes", name, "pages", project, "redirect"), page.redirect


def written_urls(scenario: Scenario) -> Iterator[Place]:
    """Yield the URLs in command lines and in requirements files, which are given word for word."""
    yield from _requirements_files(("files",), scenario.files)
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Edit):
            yield from _requirements_files(("steps", number, "files"), step.files)
        elif isinstance(step, Command):
            for installer, command in step.command.items():
                text = command if isinstance(command, str) else " ".join(command)
                for url in _URL.findall(text):
                    yield ("steps", number, "command", installer), url


def _requirements_files(path: Path, files: Mapping[str, str]) -> Iterator[Place]:
    for name, text in files.items():
        if name.endswith((".txt", ".in")):
            for line in text.splitlines():
                for url in _URL.findall(re.split(r"(?:^|\s)#", line)[0]):
                    yield (*path, name), url


def required_urls(scenario: Scenario) -> Iterator[Place]:
    """Yield the URLs of files that requirements and sources name.

    A requirement with a marker is passed over: it may apply nowhere.
    """
    yield from _project(("project",), scenario.project)
    yield from _sources(("sources",), scenario.sources)
    yield from _local_projects(("local-projects",), scenario.local_projects)
    for name, index in scenario.indexes.items():
        for project, releases in index.packages.items():
            for version, release in releases.items():
                yield from _release(("indexes", name, "packages", project, version), release)
    for number, step in enumerate(scenario.steps):
        path: Path = ("steps", number)
        if isinstance(step, Edit):
            yield from _project((*path, "project"), step.project)
            yield from _sources((*path, "sources"), step.sources or {})
            yield from _local_projects((*path, "local-projects"), step.local_projects)
        elif isinstance(step, Publish | Replace):
            yield from _release((*path, "contents"), step.contents)
        elif isinstance(step, Install | Add | Compile):
            for key in ("requirements", "overrides", "constraints"):
                yield from _texts((*path, key), getattr(step, key, ()))


def _project(path: Path, project: Project) -> Iterator[Place]:
    for key in ("dependencies", "overrides", "constraints"):
        yield from _texts((*path, key), getattr(project, key))
    for key in ("optional_dependencies", "dependency_groups"):
        for name, texts in getattr(project, key).items():
            yield from _texts((*path, key.replace("_", "-"), name), texts)


def _sources(path: Path, sources: Sources) -> Iterator[Place]:
    for project, several in sources.items():
        for number, source in enumerate(several):
            if source.url and not source.marker:
                yield (*path, project, number, "url"), source.url


def _local_projects(path: Path, projects: Mapping[str, LocalProject]) -> Iterator[Place]:
    for name, project in projects.items():
        yield from _texts((*path, name, "requires"), project.requires)


def _release(path: Path, release: Release) -> Iterator[Place]:
    yield from _texts((*path, "requires"), release.requires)
    for extra, texts in release.extras.items():
        yield from _texts((*path, "extras", extra), texts)


def _texts(path: Path, texts: Sequence[str]) -> Iterator[Place]:
    for number, text in enumerate(texts):
        if "://" in text:
            requirement = Requirement(text)
            if requirement.url and requirement.marker is None:
                yield (*path, number), requirement.url


def may_be_refused(scenario: Scenario) -> bool:
    """Return whether a step speaks of requests that are refused, so that they are no mistake."""
    return any(
        "refused" in kinds
        for step in scenario.steps
        for kinds in _kinds(step.expect.requests, step.expect.requests_to.values())
    )


def _kinds(first: object, others: Iterable[object]) -> Iterator[Mapping[str, object]]:
    yield from (kinds for kinds in (first, *others) if isinstance(kinds, Mapping))
