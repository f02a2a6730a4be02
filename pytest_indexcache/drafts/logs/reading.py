"""Parse installers' logs into facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pytest_indexcache.drafts.logs.bare_lines import messages
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.hidden_names import with_names
from pytest_indexcache.drafts.logs.pip_lines import read_pip_line
from pytest_indexcache.drafts.logs.uv_lines import read_uv_line
from pytest_indexcache.drafts.words.names import public_command, public_url

_PROMPT: Final = re.compile(
    r"(?:[^\s$#%]{0,100}[$#%]|(?:\([^)]{1,40}\) *)?[\u276f\u2601\u279c]|>|\+"
    r"|\S{1,60}@\S{1,60} \S{1,100} %"
    r"|\[[^\]]{1,100}\][$#]|PS [^>]{0,200}>|Run|Step \d+/\d+ : RUN"
    r"|(?:\[[^\]]{0,40}\] )?(?:STEP \d+/\d+: )?RUN(?: --mount=\S+)*) +(?P<rest>\S.*)"
)
_PROGRAM: Final = re.compile(r"(?:^|[ ;(/])(?:uv|pip3?|python\S* -m pip) +\S")
_BARE_COMMAND: Final = re.compile(
    r"(?:(?:[A-Z_]+=\S+|time|sudo) +)*(?:\S*/)?(?:uv +(?:-\S+ +)*(?:sync|lock|add|run|pip|tool)"
    r"|pip3? +(?:-\S+ +)*(?:install|download)|python\S* +-m +pip +(?:-\S+ +)*(?:install|download))"
    r"(?: +[\w./:@=<>!~\[\],+*$\"'%?&#{}-]+)*"
)
"""A command without a prompt before it."""

_PROSE: Final = re.compile(r" (?:is|are|was|the|to|and|a|an|in|with|on|for|fails?|when|that) ")
_SAID: Final = re.compile(
    r"\s*(?:(?:error|warning|hint|ERROR|WARNING|Caused by): ?\S"
    r"|[\u00d7x] (?:No solution|Failed) |(?:\u2570\u2500\u25b6|`->) \S"
    r"|Platform tags mismatch for |No compatible version found for: |Range requests (?:not|uns))"
)
_LONGEST_SAID: Final = 200
_ASKS: Final = ("absent", "stale", "asked")


def read_log(text: str) -> tuple[LogEvent, ...]:
    """Return the facts in a log, in order; lines without facts are left out."""
    return tuple(_with_subjects(event for line in text.splitlines() for event in read_line(line)))


def read_line(line: str) -> tuple[LogEvent, ...]:
    """Return the facts in one line of a log; most lines contain at most one fact."""
    return tuple(event for message in messages(line) for event in _read_message(message))


def _read_message(message: str) -> Iterator[LogEvent]:
    if not message:
        return
    message, hidden = with_names(message)
    if command := _command(message.strip()):
        yield LogEvent("command", detail=command)
        return
    facts = read_uv_line(message) or read_pip_line(message)
    yield from facts
    if facts:
        yield from (LogEvent("hidden", detail=text) for text in hidden)
    if _SAID.match(message):
        yield LogEvent("said", detail=public_command(message.strip())[:_LONGEST_SAID])


def _command(message: str) -> str:
    """Return the command in a line, without its prompt; empty for other lines."""
    prompt = _PROMPT.match(message)
    if prompt is not None and _PROGRAM.search(prompt["rest"]):
        return prompt["rest"]
    is_bare = _BARE_COMMAND.fullmatch(message) is not None
    return message if is_bare and not _PROSE.search(message) else ""


def _with_subjects(events: Iterable[LogEvent]) -> Iterable[LogEvent]:
    """Yield the events, taking a missing URL or release from an earlier line.

    Lines of concurrent requests may be mixed, but the lines of one event are printed together.
    """
    last_url, asked, origin, release = "", "", "", LogEvent("resolving")
    for event in events:
        if event.kind in _ASKS and event.url:
            asked = event.url
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
            if asked:
                yield replace(event, url=asked, detail=f"{event.detail} {event.url}")
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
