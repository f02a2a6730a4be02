"""Find projects that are not on any index, and remove them from a log and a project file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.index_urls import parent_of_page
from pytest_indexcache.drafts.words.names import OWN_PROJECT, named_file

_TEXTS: Final = ("wanted", "sought", "requires")
"""The kinds of log events whose ``detail`` is a requirement."""

_OF_AN_INDEX: Final = ("download", "cached", "selected", "uncached", "link", "offered")


def local_projects(events: Sequence[LogEvent], words: ProjectWords) -> frozenset[str]:
    """Return the projects that come from a folder or a version control repository, not an index.

    pip logs the folder of such a project, but not always its name. Without the name, a project
    counts as local if it was installed and the log shows no file for it.
    """
    named = {event.project for event in events if event.kind == "local"}
    local = {*named, words.name, *words.elsewhere} - {""}
    if "" not in named:
        return frozenset(local)
    indexed = {event.project for event in events if event.kind in _OF_AN_INDEX}
    indexed |= {_name(event.detail) for event in events if event.kind in _TEXTS}
    indexed |= {file.project for event in events if (file := named_file(event.url))}
    return frozenset(local | {event.project for event in events if event.kind == "added"} - indexed)


def without_local_projects(
    events: Iterable[LogEvent], local: Collection[str]
) -> Iterator[LogEvent]:
    """Yield the events that are not about local projects.

    Requirements of local projects are treated as the user's own requirements.
    """
    for event in events:
        if event.kind == "local" or (event.kind in _TEXTS and _name(event.detail) in local):
            continue
        if event.kind == "requires" and event.project in local:
            yield LogEvent("wanted", detail=event.detail)
        elif event.project not in local and _project_of_page(event.url) not in local:
            yield event


def without_local_requirements(words: ProjectWords, local: Collection[str]) -> ProjectWords:
    """Return the content of project files without requirements for local projects.

    Requirements for extras of the project itself are kept.
    """
    others = frozenset(local) - {words.name}
    keys = {key: _kept(value, others, words.name) for key, value in words.keys.items()}
    return replace(words, keys=keys)


def _kept(value: Any, local: Collection[str], own: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _kept(each, local, own) for key, each in value.items()}
    if not value or not isinstance(value[0], str):
        return value
    return [_own(text, own) for text in value if _name(text) not in local]


def _own(text: str, own: str) -> str:
    """Return a requirement; if it names the project itself, the name becomes ``project``."""
    requirement = Requirement(text)
    if not own or canonicalize_name(requirement.name) != own:
        return text
    requirement.name = OWN_PROJECT
    return str(requirement)


def _name(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def _project_of_page(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2] if url and parent_of_page(url) else ""
