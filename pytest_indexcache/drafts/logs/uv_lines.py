"""Parse lines that uv 0.1 to 0.13 prints with ``-v`` or ``RUST_LOG=trace``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.drafts.logs.events import Kind, LogEvent
from pytest_indexcache.drafts.logs.patterns import LinePatterns, Reader
from pytest_indexcache.drafts.words.names import is_version, named_file, project_name, public_url
from pytest_indexcache.drafts.words.requirements import requirement_of_range

_NAME: Final = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)"
_PINNED: Final = rf"{_NAME}(?:\[[^\]]*\])? ?==(?P<version>[^\s\[(]+)"
_URL: Final = r"(?P<url>https?://[^\s`]+)`?"


def read_uv_line(message: str) -> tuple[LogEvent, ...]:
    """Return the facts in a line of uv output, or an empty tuple."""
    return _LINES.facts(message)


def _installer(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("installer", "uv", found["version"])


def _response(kind: Kind) -> Reader:
    def read(found: re.Match[str]) -> Iterator[LogEvent]:
        if url := public_url(found["url"]):
            yield LogEvent(kind, url=url)

    return read


def _found(found: re.Match[str]) -> Iterator[LogEvent]:
    kinds: dict[str, Kind] = {
        "fresh": "fresh",
        "stale": "stale",
        "modified": "modified",
        "not-modified": "not-modified",
    }
    return _response(kinds[found["kind"]])(found)


def _release(kind: Kind) -> Reader:
    def read(found: re.Match[str]) -> Iterator[LogEvent]:
        project, version = project_name(found["name"]), found["version"]
        if project and is_version(version):
            yield LogEvent(kind, project, version, detail=found.groupdict().get("file") or "")

    return read


def _download(found: re.Match[str]) -> Iterator[LogEvent]:
    if project := project_name(found["name"]):
        yield LogEvent("download", project, detail=f"{found['number']} {found['unit']}")


def _requires(found: re.Match[str]) -> Iterator[LogEvent]:
    project, version = project_name(found["name"]), found["version"]
    requirement = requirement_of_range(found["range"])
    if project and is_version(version) and requirement:
        yield LogEvent("requires", project, version, detail=requirement)


def _wanted(found: re.Match[str]) -> Iterator[LogEvent]:
    if requirement := requirement_of_range(found["range"]):
        yield LogEvent("wanted", detail=requirement)


def _requires_of_span(found: re.Match[str]) -> Iterator[LogEvent]:
    """Yield the requirement in a line from uv before 0.3; an earlier line names the release."""
    if requirement := requirement_of_range(found["range"]):
        yield LogEvent("requires", detail=requirement)


def _resolving(found: re.Match[str]) -> Iterator[LogEvent]:
    if project := project_name(found["name"]):
        yield LogEvent("resolving", project, found["version"])


def _count(found: re.Match[str]) -> Iterator[LogEvent]:
    yield LogEvent("count", detail=f"{found['what'].lower()} {found['number']}")


def _storable(found: re.Match[str]) -> Iterator[LogEvent]:
    url = public_url(found["url"])
    directive = re.search(r"'([\w-]+)' (?:cache-control directive|header)", found["why"])
    if url:
        kind: Kind = "unstorable" if found["not"] else "storable"
        yield LogEvent(kind, url=url, detail=directive[1].lower() if directive else "")


def _lifetime(found: re.Match[str]) -> Iterator[LogEvent]:
    url = public_url(found.groupdict().get("url") or "")
    unit = found.groupdict().get("unit") or "s"
    yield LogEvent("lifetime", url=url, detail=found["seconds"] if unit == "s" else "0")


def _max_age(found: re.Match[str]) -> Iterator[LogEvent]:
    yield from _lifetime(found)
    yield LogEvent("field", detail="max-age")


def _expires(found: re.Match[str]) -> Iterator[LogEvent]:
    seconds = found["seconds"] if found["unit"] == "s" else "0"
    yield LogEvent("field", detail=f"expires {seconds}")


def _field(detail: str) -> Reader:
    def read(found: re.Match[str]) -> Iterator[LogEvent]:
        yield LogEvent("field", url=public_url(found.groupdict().get("url") or ""), detail=detail)

    return read


def _answered(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("answered", url=url, detail=found["status"])


def _redirected(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("redirected", url=url, detail=found["status"], has_query="?" in found["url"])


def _asked(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("asked", url=url)


def _sought(found: re.Match[str]) -> Iterator[LogEvent]:
    if requirement := requirement_of_range(f"{found['name']}{found['range'] or ''}"):
        yield LogEvent("sought", detail=requirement)


def _no_ranges(found: re.Match[str]) -> Iterator[LogEvent]:
    file = named_file(found["what"])
    name, _, version = found["what"].partition("==")
    project = file.project if file else project_name(name)
    if project:
        yield LogEvent("no-ranges", project, file.version if file else version)


_PATTERNS: Final[tuple[tuple[str, Reader], ...]] = (
    (r"(?:uv )?uv (?P<version>\d+\.\d+\.\d+\S*)(?: \(|$)", _installer),
    (r"uv version: (?P<version>\d+\.\d+\.\d+)$", _installer),
    (rf"No cache entry for: {_URL}", _response("absent")),
    (rf"Found (?P<kind>fresh|stale|modified|not-modified) response for: {_URL}", _found),
    (rf"Selecting: {_PINNED}(?: \[[^\]]*\])?(?: \((?P<file>[^)\s]+)\))?", _release("selected")),
    (rf"Identified uncached (?:distribution|requirement): {_PINNED}", _release("uncached")),
    (rf"(?:Registry r|R)equirement already cached: {_PINNED}", _release("cached")),
    (rf"Requirement (?:already installed|satisfied): {_PINNED}", _release("kept")),
    (
        rf" ?Downloading {_NAME} \((?P<number>\d+(?:\.\d+)?) ?(?P<unit>[KMGT]?i?B)\)$",
        _download,
    ),
    (
        rf"Adding transitive dependency for {_NAME}(?:\[[^\]]*\])?==(?P<version>[^\s:]+): "
        r"(?P<range>\S.*)",
        _requires,
    ),
    (r"Adding transitive dependency: (?P<range>\S.*)", _requires_of_span),
    (
        rf" *uv_resolver::resolver::get_dependencies package={_NAME}(?:\[[^\]]*\])?, "
        r"version=(?P<version>\S+)",
        _resolving,
    ),
    (r"Adding direct dependency: (?P<range>\S.*)", _wanted),
    (
        rf"Searching for a compatible version of {_NAME}(?:\[[^\]]*\])? ?"
        r"(?:\((?P<range>[^()]*)\))?",
        _sought,
    ),
    (r"Range requests (?:not supported|unsupported) (?:when .*)?for (?P<what>[^\s;]+)", _no_ranges),
    (
        r"(?P<what>Resolved|Prepared|Downloaded|Installed|Uninstalled|Audited|Checked) "
        r"(?P<number>\d+) packages? in ",
        _count,
    ),
    (rf" [+~] {_PINNED}$", _release("added")),
    (rf" - {_PINNED}$", _release("removed")),
    (
        rf"[Rr]equest (?:to )?`?{_URL} does not have a fresh cache .*"
        r"freshness lifetime of (?P<seconds>\d+) seconds",
        _lifetime,
    ),
    (
        rf"(?:[Cc]ached request|Response from) {_URL} is (?P<not>not )?storable "
        r"because (?P<why>.*)",
        _storable,
    ),
    (r"[Ff]reshness lifetime found via expires header: (?P<seconds>\d+)(?P<unit>n?s)$", _expires),
    (r"[Ff]reshness lifetime found via .*: (?P<seconds>\d+)(?P<unit>n?s)$", _max_age),
    (r"[Ff]reshness lifetime heuristically assumed because of .*last-modified", _field("modified")),
    (r"[Cc]ould not determine freshness lifetime", _field("none")),
    (
        rf"[Rr]equest (?:to )?`?{_URL} has a cached response that does not permit staleness "
        "because the response has a 'must-revalidate'",
        _field("must-revalidate"),
    ),
    (r"[Rr]esource is not modified because old and new etag values", _field("etag")),
    (r"[Rr]esource is not modified because modified times", _field("last-modified")),
    (r"[Rr]eceived HTTP (?P<status>3\d\d)\b.*Redirecting to (?P<url>https?://\S+)", _redirected),
    (rf"Request for {_URL} failed with (?P<status>\d{{3}}) ", _answered),
    (
        r".{0,300}?HTTP status (?:client|server) error \((?P<status>\d{3})[^)]*\) for url "
        r"\((?P<url>https?://[^)\s]+)\)",
        _answered,
    ),
    (r".{0,100}?Failed to (?:fetch|download): `(?P<url>https?://[^`\s]+)`", _asked),
    (
        r".{0,600}?\byou require (?P<range>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?(?:[=<>!~]=?[^\s,]+)?)",
        _wanted,
    ),
)
_LINES: Final = LinePatterns(_PATTERNS)
