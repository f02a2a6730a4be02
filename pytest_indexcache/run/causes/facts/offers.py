"""Describe the releases that indexes offered when the failed step began."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.index.documents.sdists import SdistSpec
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.wording import listed

MOST = 6
"""The maximum number of releases to list for one project on one index."""


def offering_indexes(history: History, project: str) -> list[str]:
    """Return the names of the indexes that offer a project, in the scenario's order."""
    return [name for name in history.scenario.indexes if history.files(name, project)]


def offers_text(history: History, *projects: str) -> str:
    """List the releases of these projects on each index, or return an empty string."""
    parts = [
        f"index {index} offers {' and '.join(offered)}"
        for index in history.scenario.indexes
        if (offered := [_offer(history, index, p) for p in projects if history.files(index, p)])
    ]
    return "; ".join(parts)


def needs_text(history: History, projects: Sequence[str]) -> str:
    """List the requirements that offered releases of these projects place on each other.

    Only requirements with a version specifier are listed. If there are none, the result is empty.
    """
    found = dict.fromkeys(
        f"{file.project} {file.version} requires {text}"
        for index in history.scenario.indexes
        for project in projects
        for file in history.files(index, project)
        for text in file.release.requires
        if (requirement := Requirement(text)).specifier
        and canonicalize_name(requirement.name) in projects
    )
    return listed(list(found))


def _offer(history: History, index: str, project: str) -> str:
    return f"{project} {_releases(history, index, project)}"


def _releases(history: History, index: str, project: str) -> str:
    files = history.files(index, project)
    shows_tags = any(_tag(file) != "py3-none-any" for file in files)
    versions = dict.fromkeys(file.version for file in files)
    return listed([_release(version, files, shows_tags) for version in versions], MOST)


def _release(version: str, files: tuple[PublishedFile, ...], shows_tags: bool) -> str:
    own = [file for file in files if file.version == version]
    notes = [", ".join(_tag(file) for file in own)] if shows_tags else []
    notes += [f"requires Python {p}" for p in {f.release.requires_python for f in own} if p]
    notes += ["yanked"] if all(file.yanked is not None for file in own) else []
    return f"{version} ({'; '.join(notes)})" if notes else version


def _tag(file: PublishedFile) -> str:
    if isinstance(file.spec, SdistSpec):
        return "sdist"
    return file.filename.removesuffix(".whl").split("-", 2)[2]


def named_projects(history: History, text: str) -> list[str]:
    """Return the projects that are mentioned in an error message, in order of first mention."""
    known = {*history.scenario.local_projects, *_required(history)}
    for number in range(1, history.number + 1):
        for offer in history.offers(number).values():
            known.update(offer.listings)
    places = {name: _place(name, text) for name in known}
    return sorted((n for n, place in places.items() if place >= 0), key=lambda n: places[n])


def _required(history: History) -> set[str]:
    """Return the projects that the step or the scenario's project requires directly."""
    step = history.step
    texts = [*getattr(step, "requirements", ()), *history.scenario.project.dependencies]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def _place(project: str, text: str) -> int:
    words = canonicalize_name(project).split("-")
    pattern = rf"(?<![\w.-]){'[-_.]+'.join(map(re.escape, words))}(?!\w|[-_.][A-Za-z])"
    match = re.search(pattern, text, re.IGNORECASE)
    return match.start() if match else -1
