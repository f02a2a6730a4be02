"""Collect the header fields, missing ranges and failures that a log shows for each index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.drafts.files.project_files import DraftIndex
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.index_urls import (
    is_below,
    is_pypi_file,
    parent_of_page,
    same_host,
    server_like,
)
from pytest_indexcache.drafts.words.names import named_file
from pytest_indexcache.servers.profiles import load_profile, server_at

Group = tuple[str, str]
"""The name of an index, and either ``pages`` or ``files``."""

_DIRECTIVES: Final = ("public", "private", "must-revalidate")
_MOST_STATUSES: Final = 8


@dataclass(frozen=True)
class SeenStatus:
    """A status other than 200 and 304 in a log; ``count`` says how often it occurs.

    ``kind`` and ``project`` describe ``url``, and are empty if unknown. For a redirect, ``target``
    is the URL to which it leads. ``is_signed`` is true if the target URL had a query.
    """

    status: int
    url: str
    index: str
    kind: str = ""
    project: str = ""
    target: str = ""
    is_signed: bool = False
    count: int = 1


@dataclass(frozen=True)
class AnswerFacts:
    """Facts about responses from indexes, taken from a log.

    ``fields`` contains header fields, with False for a field that is not sent. ``without_ranges``
    contains the names of indexes that do not support range requests.
    """

    fields: Mapping[Group, Mapping[str, str | bool]] = field(default_factory=dict)
    without_ranges: frozenset[str] = frozenset()
    statuses: Sequence[SeenStatus] = ()


def answer_facts(
    events: Iterable[LogEvent], indexes: Sequence[DraftIndex], homes: Mapping[str, str]
) -> AnswerFacts:
    """Return facts about responses from the draft's indexes, taken from a log.

    ``homes`` maps each project to the name of the index that serves it.
    """
    groups: dict[Group, list[LogEvent]] = {}
    statuses: dict[tuple[int, str, str], SeenStatus] = {}
    without_ranges = set()
    for event in events:
        index = index_of_url(event.url, indexes) if event.url else None
        if event.kind == "no-ranges" and event.project in homes:
            without_ranges.add(homes[event.project])
        elif event.kind == "answered" or event.kind == "redirected":
            if seen := _status(event, index):
                key = (seen.status, seen.url, seen.target)
                count = statuses[key].count + 1 if key in statuses else 1
                statuses[key] = SeenStatus(**{**seen.__dict__, "count": count})
        elif index and event.kind in ("lifetime", "field", "storable", "unstorable"):
            kind = "files" if named_file(event.url) else "pages"
            groups.setdefault((index.name, kind), []).append(event)
    urls = {index.name: index.url for index in indexes}
    fields = {group: _fields(seen, urls[group[0]], group[1]) for group, seen in groups.items()}
    return AnswerFacts(
        {group: found for group, found in fields.items() if found},
        frozenset(without_ranges),
        tuple(statuses.values())[:_MOST_STATUSES],
    )


def index_of_url(url: str, indexes: Sequence[DraftIndex]) -> DraftIndex | None:
    """Return the index to which a URL belongs, judged by its path, or else by its host."""
    if is_pypi_file(url):
        return next((each for each in indexes if each.url.startswith("https://pypi.org/")), None)
    below = [index for index in indexes if is_below(url, index.url)]
    here = [index for index in indexes if same_host(index.url, url)]
    return max(below, key=lambda index: len(index.url), default=next(iter(here), None))


def _status(event: LogEvent, index: DraftIndex | None) -> SeenStatus | None:
    text, _, target = event.detail.partition(" ")
    status = int(text) if text.isdigit() else 200
    if status < 300 or status == 304:
        return None
    file = named_file(event.url)
    page = "" if file else parent_of_page(event.url)
    project = file.project if file else event.url.rstrip("/").rpartition("/")[2] if page else ""
    wheel = event.url.endswith(".whl")
    kind = ("wheel" if wheel else "sdist") if file else "page" if page else ""
    kind = "metadata" if event.url.endswith(".metadata") else kind
    is_signed = bool(target) and event.has_query
    return SeenStatus(
        status, event.url, index.name if index else "", kind, project, target, is_signed
    )


def _fields(seen: Sequence[LogEvent], url: str, group: str) -> dict[str, str | bool]:
    """Return the header fields in the log that differ from the server profile."""
    words = {event.detail for event in seen if event.kind in ("field", "storable")}
    if any(event.kind == "unstorable" and event.detail == "no-store" for event in seen):
        return {"cache-control": "no-store"}
    lifetimes = [event.detail for event in seen if event.kind == "lifetime"]
    expires = [word.partition(" ")[2] for word in words if word.startswith("expires ")]
    found: dict[str, str | bool] = {}
    directives: list[str] = [word for word in _DIRECTIVES if word in words]
    if expires:
        found["expires"] = f"${{date+{int(expires[-1][:9])}}}"
    elif "modified" in words:
        found["last-modified"] = "$modified"
    elif "none" not in words and lifetimes and (int(lifetimes[-1]) or "max-age" in words):
        directives.append(f"max-age={int(lifetimes[-1])}")
    if directives:
        found["cache-control"] = ", ".join(directives)
    elif words & {"modified", "none"} or expires:
        found["cache-control"] = False
    found |= {"etag": '"$md5"'} if "etag" in words else {}
    found |= {"last-modified": "$modified"} if "last-modified" in words else {}
    return _unlike(found, url, group)


def _unlike(found: Mapping[str, str | bool], url: str, group: str) -> dict[str, str | bool]:
    """Return the header fields that do not already follow from the server profile for this URL."""
    name = server_like(url) or server_at(url)
    profile = load_profile(name)
    own = {key.lower() for key in (profile.pages if group == "pages" else profile.files)}
    validators = ("etag", "last-modified")
    return {
        key: value
        for key, value in found.items()
        if (value is not False or key in own) and not (key in validators and key in own)
    }
