"""Read the facts in a whole log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pytest_indexcache.drafts.logs.bare_lines import (
    LONGEST_LINE,
    bare_line,
    joined_rows,
    messages,
)
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.hidden_names import with_names
from pytest_indexcache.drafts.logs.local_lines import read_local_line
from pytest_indexcache.drafts.logs.pip_lines import read_pip_line
from pytest_indexcache.drafts.logs.poetry_lines import read_poetry_line
from pytest_indexcache.drafts.logs.uv_lines import read_uv_line
from pytest_indexcache.drafts.words.names import public_url

_PROMPT: Final = re.compile(
    r"(?:[^\s$#%]{0,100}[$#%]|(?:\([^)]{1,40}\) *)?[\u276f\u2601\u279c]|>|\+"
    r"|\S{1,60}@\S{1,60} \S{1,100} %"
    r"|\[[^\]]{1,100}\][$#]|PS [^>]{0,200}>|Run|Step \d+/\d+ : RUN"
    r"|(?:\[[^\]]{0,40}\] )?(?:STEP \d+/\d+: )?RUN(?: --mount=\S+)*) +(?P<rest>\S.*)"
)
_PROGRAM: Final = re.compile(r"(?:^|[ ;(/])(?:uv|pip3?|poetry|pdm|python\S* -m pip|rm) +\S")
_BARE_COMMAND: Final = re.compile(
    r"(?:(?:[A-Z_]+=\S+|time|sudo) +)*(?:\S*/)?"
    r"(?:uv +(?:-\S+ +)*(?:sync|lock|add|remove|run|pip|tool|venv|cache|clean)"
    r"|pip3? +(?:-\S+ +)*(?:install|uninstall|download|cache)"
    r"|(?:poetry|pdm) +(?:-\S+ +)*(?:install|sync|add|lock|update|remove)"
    r"|python\S* +-m +pip +(?:-\S+ +)*(?:install|uninstall|download)"
    r"|rm +-\w+ +\S*venv)"
    r"(?: +[\w./:@=<>!~\[\],+*$\"'%?&#{};|-]+)*"
)
"""A pattern for a command line without a prompt."""

_REMARK: Final = re.compile(r" +# .*$")
_PROSE: Final = re.compile(r" (?:is|are|was|the|to|and|a|an|in|with|on|for|fails?|when|that) ")
_SAID: Final = re.compile(
    r"\s*(?:(?:error|warning|hint|ERROR|WARNING|Caused by): ?\S"
    r"|[\u00d7x] (?:No solution|Failed) |(?:\u2570\u2500\u25b6|`->) \S"
    r"|Platform tags mismatch for |No compatible version found for: |Range requests (?:not|uns))"
)
_ASKS: Final = ("absent", "stale", "asked")
_REDIRECTS: Final = ("301", "302", "303", "307", "308")


def read_log(text: str) -> tuple[LogEvent, ...]:
    """Return the facts in a log, in their original order."""
    events = (event for line in _lines(joined_rows(text)) for event in read_line(line))
    return tuple(_with_targets(tuple(_with_subjects(events))))


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a log, with commands that continue after a backslash joined."""
    start = ""
    for line in text.splitlines():
        whole = f"{start} {line.strip()}" if start else line
        start = ""
        if line.endswith("\\") and len(whole) < LONGEST_LINE and _command(bare_line(whole[:-1])):
            start = whole[:-1].rstrip()
        else:
            yield whole
    if start:
        yield start


def read_line(line: str) -> tuple[LogEvent, ...]:
    """Return the facts in one line of a log."""
    return tuple(event for message in messages(line) for event in _read_message(message))


def _read_message(message: str) -> Iterator[LogEvent]:
    if not message:
        return
    message, hidden = with_names(message)
    if command := _command(message.strip()):
        yield LogEvent("command", detail=command)
        return
    facts = read_local_line(message) or read_uv_line(message)
    facts = facts or read_pip_line(message) or read_poetry_line(message)
    yield from facts
    if facts:
        yield from (LogEvent("hidden", detail=text) for text in hidden)
    if _SAID.match(message):
        yield LogEvent("said", detail=message.strip())


def _command(message: str) -> str:
    """Return the command in a line without its prompt, or an empty string."""
    prompt = _PROMPT.match(message)
    if prompt is not None and _PROGRAM.search(prompt["rest"]):
        is_prose = message.startswith(("#", ">")) and _PROSE.search(prompt["rest"])
        return "" if is_prose else prompt["rest"]
    plain = _REMARK.sub("", message)
    is_bare = _BARE_COMMAND.fullmatch(plain) is not None
    return plain if is_bare and not _PROSE.search(plain) else ""


def _with_subjects(events: Iterable[LogEvent]) -> Iterable[LogEvent]:
    """Yield the events, with missing URLs and releases taken from earlier events.

    Events of concurrent requests may be mixed. The lines about one event are always consecutive.
    """
    last_url, asked, origin, release = "", "", "", LogEvent("resolving")
    by_end: dict[str, str] = {}
    for event in events:
        if event.kind in _ASKS and event.url:
            asked = by_end[_end(event.url)] = event.url
        if event.kind == "resolving":
            release = event
            continue
        if event.kind == "connected":
            origin = event.url
            continue
        if event.kind in ("storable", "unstorable", "stale") and event.url:
            last_url = event.url
        if event.kind in ("lifetime", "unstorable", "field") and not event.url:
            if last_url:
                yield replace(event, url=last_url)
        elif event.kind == "redirected":
            if start := by_end.get(_end(event.url), asked):
                yield replace(event, url=start, detail=f"{event.detail} {event.url}")
        elif event.kind == "answered" and not event.url:
            status, _, path = event.detail.partition(" ")
            if url := public_url(f"{origin}{path}"):
                yield replace(event, url=url, detail=status)
        elif event.kind == "requires" and not event.project:
            is_root = release.project in ("", "root")
            yield (
                LogEvent("wanted", detail=event.detail)
                if is_root
                else replace(event, project=release.project, version=release.version)
            )
        else:
            yield event


def _end(url: str) -> str:
    """Return the last part of a URL, which is used to match a redirect with its request."""
    return url.rstrip("/").rpartition("/")[2].lower()


def _with_targets(events: Sequence[LogEvent]) -> Iterator[LogEvent]:
    """Yield the events, with targets added to pip's redirects.

    pip logs only the status of a redirect. The next URL that was answered is the target if it has a
    query, or the same last part as the redirected URL.
    """
    answers = [number for number, event in enumerate(events) if event.kind == "answered"]
    following = dict(pairwise(answers))
    for number, event in enumerate(events):
        is_redirect = event.kind == "answered" and event.detail in _REDIRECTS
        after = events[following[number]] if is_redirect and number in following else event
        is_target = after.has_query or _end(after.url) == _end(event.url)
        if after.url != event.url and is_target:
            detail = f"{event.detail} {after.url}"
            yield replace(event, detail=detail, has_query=after.has_query)
        else:
            yield event
