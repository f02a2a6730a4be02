"""Parse lines that Poetry and PDM print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.patterns import LinePatterns, Reader
from pytest_indexcache.drafts.words.names import is_version, named_file, project_name, public_url

_NAME: Final = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?"


def read_poetry_line(message: str) -> tuple[LogEvent, ...]:
    """Return the facts in a line of Poetry or PDM output, or an empty tuple."""
    return _LINES.facts(message.lstrip())


def _installer(name: str) -> Reader:
    def read(found: re.Match[str]) -> Iterator[LogEvent]:
        yield LogEvent("installer", name, found["version"])

    return read


def _installed(found: re.Match[str]) -> Iterator[LogEvent]:
    project = project_name(found["name"])
    if project and found.groupdict().get("place"):
        yield LogEvent("local", project)  # a folder or a commit follows the version
    elif project and is_version(found["version"]):
        yield LogEvent("added", project, found["version"])


def _own(found: re.Match[str]) -> Iterator[LogEvent]:
    if project := project_name(found["name"]):
        yield LogEvent("local", project)


def _asked(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("asked", url=url)


def _cached(found: re.Match[str]) -> Iterator[LogEvent]:
    if url := public_url(found["url"]):
        yield LogEvent("fresh", url=url)


def _downloaded(found: re.Match[str]) -> Iterator[LogEvent]:
    url, page = public_url(found["url"]), public_url(found["page"])
    if file := named_file(url):
        yield LogEvent("download", file.project, file.version, url)
        if page:
            yield LogEvent("link", file.project, file.version, url, page)


_LINES: Final = LinePatterns(
    (
        (r"Poetry \(version (?P<version>\d[\w.]*)\)", _installer("poetry")),
        (r"PDM, version (?P<version>\d[\w.]*)", _installer("pdm")),
        (
            rf"[\u2022-] (?:Installing|Updating|Downgrading) {_NAME} "
            r"\((?:[^)\s]+ -> )?(?P<version>[^)\s]+)(?P<place> [^)]*)?\)",
            _installed,
        ),
        (
            rf"\S (?:Install|Update) {_NAME} (?:\S+ -> )?(?P<version>\S+) successful",
            _installed,
        ),
        (rf"Installing the current project: {_NAME}", _own),
        (r"(?:unearth\.collector: )?Collecting links from (?P<url>https?://\S+)$", _asked),
        (r"pdm\.termui: Using cached response for (?P<url>https?://\S+)$", _cached),
        (
            r"(?:unearth\.preparer: )?Downloading <Link (?P<url>https?://\S+) "
            r"\(from (?P<page>https?://[^\s)]+)\)>",
            _downloaded,
        ),
    )
)
