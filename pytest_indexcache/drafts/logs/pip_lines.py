"""Parse lines of pip's log, with -v and -vv."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.names import is_version, named_file, project_name, public_url
from pytest_indexcache.drafts.words.requirements import readable_requirement

_Reader: TypeAlias = Callable[[re.Match[str]], Iterator[LogEvent]]


def read_pip_line(message: str) -> tuple[LogEvent, ...]:
    """Return the facts in a stripped line of pip; nothing for any other line."""
    text = message.lstrip()
    for pattern, read in _READERS:
        if found := pattern.match(text):
            return tuple(read(found))
    return ()


def _installer(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("installer", "pip", found["version"])


def _indexes(found: re.Match[str]) -> Iterator[LogEvent]:
    for text in found["urls"].split(","):
        if url := public_url(text):
            yield LogEvent("index", url=url)


def _answered(found: re.Match[str]) -> Iterator[LogEvent]:
    origin = re.sub(r"(?<=^https:..)(.*):443$|(?<=^http:..)(.*):80$", r"\1\2", found["origin"])
    if url := public_url(f"{origin}{found['path']}"):
        yield LogEvent("answered", url=url, detail=found["status"])


def _link(found: re.Match[str]) -> Iterator[LogEvent]:
    url, page = public_url(found["url"]), public_url(found["page"])
    file = named_file(url)
    if file is not None and page:
        yield LogEvent("link", file.project, file.version, url, page)


def _collecting(found: re.Match[str]) -> Iterator[LogEvent]:
    requirement = readable_requirement(found["requirement"].strip())
    if not requirement:
        return
    parent = re.match(
        r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?(?:==([^\s>)-]+))?", found["by"] or ""
    )
    project = project_name(parent[1]) if parent else ""
    if parent and project:
        version = parent[2] or ""
        yield LogEvent("requires", project, version, detail=requirement)
    else:
        yield LogEvent("wanted", detail=requirement)


def _file(found: re.Match[str]) -> Iterator[LogEvent]:
    text = found["file"]
    if text.endswith(".metadata"):
        return
    url = public_url(text)
    file = named_file(text)
    if file is not None:
        kind = found["how"]
        yield LogEvent(
            "download" if kind == "Downloading" else "cached",
            file.project,
            file.version,
            url,
            _size(found["size"]),
        )


def _size(text: str | None) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(bytes|[kKMGT]?i?B)", text or "")
    if found is None:
        return ""
    unit = "B" if found[2] == "bytes" else found[2].replace("k", "K")
    return f"{found[1]} {unit}"


def _installed(found: re.Match[str]) -> Iterator[LogEvent]:
    for text in found["all"].split():
        name, _, version = text.rpartition("-")
        if (project := project_name(name)) and is_version(version):
            yield LogEvent("added", project, version)


def _lifetime(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("lifetime", detail=found["seconds"])


def _unstorable(_: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("unstorable", detail="no-store")


def _lookup(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("storable", url=url, detail="")


_PATTERNS: Final[tuple[tuple[str, _Reader], ...]] = (
    (r"(?:Using )?pip (?P<version>\d+[\w.]*)(?: from |$)", _installer),
    (r"Looking in indexes: (?P<urls>.+)", _indexes),
    (
        r'(?P<origin>https?://[^\s/"]+) "GET (?P<path>/[^\s"]*) HTTP/[\d.]+" (?P<status>\d{3}) ',
        _answered,
    ),
    (r"Found link (?P<url>https?://\S+) \(from (?P<page>https?://[^\s)]+)\)", _link),
    (r"Collecting (?P<requirement>[^(]+?)(?: \(from (?P<by>.*)\))?$", _collecting),
    (
        r"(?P<how>Downloading|Using cached) "
        r"(?P<file>\S+\.(?:whl|tar\.gz|zip)(?:\.metadata)?(?:#\S+)?)"
        r"(?: \((?P<size>[^)]*)\))?",
        _file,
    ),
    (r"Successfully installed (?P<all>\S.*)", _installed),
    (r"Freshness lifetime from max-age: (?P<seconds>\d+)$", _lifetime),
    (r'(?:Looking up|Updating cache with response from) "(?P<url>https?://[^"]+)"', _lookup),
    (r'Response header has "no-store"', _unstorable),
)
_READERS: Final = tuple((re.compile(pattern), read) for pattern, read in _PATTERNS)
