"""Parse lines that pip prints with ``-v`` or ``-vv``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from packaging.requirements import Requirement

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.patterns import LinePatterns, Reader
from pytest_indexcache.drafts.words.names import is_version, named_file, project_name, public_url
from pytest_indexcache.drafts.words.requirements import readable_requirement


def read_pip_line(message: str) -> tuple[LogEvent, ...]:
    """Return the facts in a line of pip output, or an empty tuple."""
    return _LINES.facts(message.lstrip())


def _installer(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("installer", "pip", found["version"])


def _indexes(found: re.Match[str]) -> Iterator[LogEvent]:
    for number, text in enumerate(found["urls"].split(",")):
        if url := public_url(text):
            yield LogEvent("index", url=url, detail="extra" if number else "default")


def _links(found: re.Match[str]) -> Iterator[LogEvent]:
    for text in found["urls"].split(","):
        if url := public_url(text):
            yield LogEvent("index", url=url, detail="links")


def _one_index(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("index", url=url)


def _answered(found: re.Match[str]) -> Iterator[LogEvent]:
    signed = "?" in found["path"]
    if found["origin"] is None:  # pip before 10 names the host in an earlier line
        yield LogEvent("answered", detail=f"{found['status']} {found['path']}", has_query=signed)
        return
    origin = re.sub(r"(?<=^https:..)(.*):443$|(?<=^http:..)(.*):80$", r"\1\2", found["origin"])
    if url := public_url(f"{origin}{found['path']}"):
        yield LogEvent("answered", url=url, detail=found["status"], has_query=signed)


def _connected(found: re.Match[str]) -> Iterator[LogEvent]:
    port = {"http": ":80", "https": ":443"}[found["scheme"].lower()]
    if url := public_url(f"{found['scheme'].lower()}://{found['host'].removesuffix(port)}"):
        yield LogEvent("connected", url=url.rstrip("/"))


def _asked(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("asked", url=url)


def _missing(found: re.Match[str]) -> Iterator[LogEvent]:
    requirement = readable_requirement(found["requirement"].strip())
    if not requirement:
        return
    yield LogEvent("wanted", detail=requirement)
    for version in (found.groupdict().get("versions") or "").split(","):
        if is_version(version.strip()):
            yield LogEvent("offered", project_name(Requirement(requirement).name), version.strip())


def _field(detail: str) -> Reader:
    def read(_: re.Match[str]) -> Iterator[LogEvent]:
        yield LogEvent("field", detail=detail)

    return read


def _expires(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("field", detail=f"expires {found['seconds']}")


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
        r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?(?:==([^\s>)-]+))?",
        found["by"] or "",
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


_PATTERNS: Final[tuple[tuple[str, Reader], ...]] = (
    (r"(?:Using )?pip (?P<version>\d+[\w.]*)(?: from |$)", _installer),
    (r"Looking in indexes: (?P<urls>.+)", _indexes),
    (r"Looking in links: (?P<urls>.+)", _links),
    (r"Found index url (?P<url>https?://\S+)", _one_index),
    (
        r'(?:(?P<origin>https?://[^\s/"]+) )?"GET (?P<path>/[^\s"]*) HTTP/[\d.]+" '
        r"(?P<status>\d{3}) ",
        _answered,
    ),
    (r"Starting new (?P<scheme>HTTPS?) connection \(\d+\): (?P<host>[\w.:-]+)", _connected),
    (
        r"(?:\* |Getting page |Fetching project page and analyzing links: )(?P<url>https?://\S+)$",
        _asked,
    ),
    (
        r"(?:ERROR: |WARNING: )?Could not fetch URL (?P<url>https?://[^\s:]+(?::\d+)?[^\s:]*):",
        _asked,
    ),
    (
        r"(?:ERROR: )?Could not find a version that satisfies the requirement "
        r"(?P<requirement>[^(]+?)(?: \(from [^v(][^()]*\))?"
        r"(?: \(from versions: (?P<versions>[^)]*)\))?$",
        _missing,
    ),
    (
        r"(?:ERROR: )?No matching distribution found for (?P<requirement>[^(]+?)(?: \(from .*\))?$",
        _missing,
    ),
    (r"Found link (?P<url>https?://\S+) \(from (?P<page>https?://[^\s)]+)\)", _link),
    (r"Collecting (?P<requirement>[^(]+?)(?: \(from (?P<by>.*)\))?$", _collecting),
    (
        r"Added (?P<requirement>[^(]+?) from https?://\S+ \(from (?P<by>[^)]*)\) to build tracker",
        _collecting,
    ),
    (
        r"(?P<how>Downloading|Using cached) "
        r"(?P<file>\S+\.(?:whl|tar\.gz|zip)(?:\.metadata)?(?:#\S+)?)"
        r"(?: \((?P<size>[^)]*)\))?",
        _file,
    ),
    (r"Successfully installed (?P<all>\S.*)", _installed),
    (r"Freshness lifetime from max-age: (?P<seconds>\d+)$", _lifetime),
    (r"Freshness lifetime from expires: (?P<seconds>\d+)$", _expires),
    (r"Caching due to etag|etag object cached for ", _field("etag")),
    (r'(?:Looking up|Updating cache with response from) "(?P<url>https?://[^"]+)"', _lookup),
    (r'Response header has "no-store"', _unstorable),
)
_LINES: Final = LinePatterns(_PATTERNS)
