"""Parse logs of installers into facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pytest_indexcache.drafts.logs.bare_lines import bare_line
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.pip_lines import read_pip_line
from pytest_indexcache.drafts.logs.uv_lines import read_uv_line

_PROMPT: Final = re.compile(
    r"(?:[^\s$#%]{0,100}[$#%]|\u276f|>|\+|\S{1,60}@\S{1,60} \S{1,100} %"
    r"|\[[^\]]{1,100}\][$#]|PS [^>]{0,200}>"
    r"|(?:\[[^\]]{0,40}\] )?RUN(?: --mount=\S+)*) +(?P<rest>\S.*)"
)
_PROGRAM: Final = re.compile(r"(?:^|[ ;(/])(?:uv|pip3?|python\S* -m pip) +\S")


def read_log(text: str) -> tuple[LogEvent, ...]:
    """Return the facts in a log, in order; lines without facts are left out."""
    return tuple(_with_subjects(event for line in text.splitlines() for event in read_line(line)))


def read_line(line: str) -> tuple[LogEvent, ...]:
    """Return the facts in one line of a log; most lines have at most one."""
    message = bare_line(line)
    if not message:
        return ()
    prompt = _PROMPT.match(message.lstrip())
    if prompt is not None and _PROGRAM.search(prompt["rest"]):
        return (LogEvent("command", detail=prompt["rest"]),)
    return read_uv_line(message) or read_pip_line(message)


def _with_subjects(events: Iterable[LogEvent]) -> Iterable[LogEvent]:
    """Yield the events; if the URL or release is missing, it is taken from an earlier line.

    Lines of several requests may be mixed, but such lines are printed together by one function.
    """
    last_url, release = "", LogEvent("resolving")
    for event in events:
        if event.kind == "resolving":
            release = event
            continue
        if event.kind in ("storable", "unstorable") and event.url:
            last_url = event.url
        if event.kind in ("lifetime", "unstorable") and not event.url:
            if last_url:
                yield replace(event, url=last_url)
        elif event.kind == "requires" and not event.project:
            is_root = release.project in ("", "root")
            yield (
                LogEvent("wanted", detail=event.detail)
                if is_root
                else replace(event, project=release.project, version=release.version)
            )
        else:
            yield event
