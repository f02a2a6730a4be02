"""Collect the releases that a log, a lockfile and a project file mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, canonicalize_version

from pytest_indexcache.drafts.files.lockfiles import LockedRelease
from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.names import named_file
from pytest_indexcache.drafts.words.requirements import version_for
from pytest_indexcache.scenario.tables.fields import human_size
from pytest_indexcache.servers.profiles import server_at

_LOCAL: Final = re.compile(r"cpu|xpu|cu\d+|rocm[\d.]+")


@dataclass
class DraftRelease:
    """A release in the draft.

    ``file_urls`` are the URLs of its files, and ``page_url`` is the URL of the page that lists
    them. ``filenames`` are names of files without a known URL. ``is_guessed`` is true if the
    version is a guess.
    """

    project: str
    version: str
    requires: list[str] = field(default_factory=list)
    size: str = ""
    index_url: str = ""
    page_url: str = ""
    file_urls: list[str] = field(default_factory=list)
    filenames: list[str] = field(default_factory=list)
    is_guessed: bool = False
    was_cached: bool = False
    was_downloaded: bool = False


class ReleaseCollector:
    """Collects releases in the order in which they are first mentioned."""

    def __init__(self) -> None:
        self._releases: dict[tuple[str, str], DraftRelease] = {}

    def releases(self) -> tuple[DraftRelease, ...]:
        """Return the collected releases."""
        return tuple(self._releases.values())

    def add_locked(self, locked: Iterable[LockedRelease]) -> None:
        """Add the releases of a lockfile."""
        for entry in locked:
            release = self._release(entry.project, entry.version)
            release.requires += entry.requires
            release.index_url = entry.index_url
            release.file_urls += entry.file_urls
            if entry.size:
                release.size = human_size(entry.size)

    def add_log(self, events: Sequence[LogEvent]) -> None:
        """Add the releases that a log mentions, with their sizes and requirements."""
        chosen = {"selected", "uncached", "cached", "kept", "added", "download", "offered"}
        for event in events:
            if event.kind in chosen and event.version:
                self._add_event(event)
            elif event.kind in {"absent", "fresh", "stale", "modified", "not-modified"}:
                self._add_file(event)
        spelled = {(release.project, release.version) for release in self.releases()}
        for event in events:
            if event.kind == "link" and (event.project, event.version) in spelled:
                release = self._release(event.project, event.version)
                release.page_url = event.detail
                if event.url not in release.file_urls:
                    release.file_urls.append(event.url)
            elif event.kind == "requires":
                self._add_requirement(event)
            elif event.kind == "download" and not event.version:
                for release in self._of(event.project)[-1:]:
                    release.size, release.was_downloaded = event.detail, True

    def add_wanted(self, wanted: Iterable[Requirement]) -> None:
        """Add a release for each requirement that no collected release meets.

        The version is a guess. If possible, the guess also meets the other requirements for the
        project.
        """
        wanted = list(wanted)
        for requirement in wanted:
            project = _normal(requirement)
            known = [release.version for release in self._of(project)]
            if any(requirement.specifier.contains(each, prereleases=True) for each in known):
                continue
            release = self._release(project, version_for(self._narrowed(requirement, wanted)))
            release.is_guessed = not str(requirement.specifier).startswith("==")

    def add_of_sources(self, words: ProjectWords) -> None:
        """Guess releases for projects whose index depends on an extra or a group.

        This is necessary because a log shows only one of these indexes.
        """
        urls = {index.name: index.url for index in words.indexes}
        for project, sources in words.sources.items():
            names = dict.fromkeys(str(source["index"]) for source in sources)
            versions = [each.version for each in self._of(project)]
            bases = [version.partition("+")[0] for version in versions]
            for name in names if len(names) > 1 and versions else ():
                local = _local_of(urls.get(name, ""))
                version = f"{bases[-1]}+{local}" if local else bases[-1]
                if not any(each.partition("+")[2] == local for each in versions):
                    release = self._release(project, version)
                    release.index_url, release.is_guessed = urls[name], True

    def _narrowed(self, requirement: Requirement, wanted: Iterable[Requirement]) -> Requirement:
        """Combine the specifiers of all requirements for a project.

        If no suitable version is found, ``requirement`` is returned unchanged.
        """
        texts = {text for release in self._releases.values() for text in release.requires}
        others = [*wanted, *map(Requirement, texts)]
        narrowed = Requirement(str(requirement))
        for other in others:
            if _normal(other) == _normal(requirement):
                narrowed.specifier &= other.specifier
        is_possible = narrowed.specifier.contains(version_for(narrowed), prereleases=True)
        return narrowed if is_possible else requirement

    def _add_event(self, event: LogEvent) -> None:
        release = self._release(event.project, event.version)
        release.was_cached |= event.kind == "cached"
        release.was_downloaded |= event.kind == "download"
        if event.kind == "selected" and event.detail:
            release.filenames.append(event.detail)
        if event.kind == "download":
            release.size = event.detail
        if event.url and event.url not in release.file_urls:
            release.file_urls.append(event.url)

    def _add_file(self, event: LogEvent) -> None:
        file = named_file(event.url)
        if file is None:
            return
        release = self._release(file.project, file.version)
        url = event.url.removesuffix(".metadata")
        if url not in release.file_urls:
            release.file_urls.append(url)
        if not event.url.endswith(".metadata"):
            release.was_downloaded |= event.kind in {"absent", "modified"}

    def _add_requirement(self, event: LogEvent) -> None:
        releases = self._of(event.project)
        exact = [release for release in releases if release.version == event.version]
        for release in exact or ([] if event.version else releases[-1:]):
            # uv lists a project with an extra or a marker as one that requires the plain project.
            is_itself = _normal(Requirement(event.detail)) == release.project
            if not is_itself and event.detail not in release.requires:
                release.requires.append(event.detail)

    def _of(self, project: str) -> list[DraftRelease]:
        return [each for each in self._releases.values() if each.project == project]

    def _release(self, project: str, version: str) -> DraftRelease:
        """Return or add the release with this version; 1.0 and 1.0.0 are the same version."""
        key = (project, str(canonicalize_version(version)))
        return self._releases.setdefault(key, DraftRelease(project, version))


def _local_of(url: str) -> str:
    """Return the local version of the files on a PyTorch index, such as ``cu128``, or ""."""
    end = url.rstrip("/").rpartition("/")[2]
    return end if server_at(url) != "none" and _LOCAL.fullmatch(end) else ""


def _normal(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def unreached(
    releases: Sequence[DraftRelease], direct: Iterable[Requirement]
) -> tuple[DraftRelease, ...]:
    """Return the releases that ``direct`` does not require, directly or indirectly."""
    by_project: dict[str, list[DraftRelease]] = {}
    for release in releases:
        by_project.setdefault(release.project, []).append(release)
    waiting = [_normal(requirement) for requirement in direct]
    seen: set[str] = set()
    while waiting:
        project = waiting.pop()
        if project in seen:
            continue
        seen.add(project)
        for release in by_project.get(project, ()):
            waiting += [_normal(Requirement(text)) for text in release.requires]
    return tuple(release for release in releases if release.project not in seen)
