"""Find the log, and a pasted project file, in a text such as an issue thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.files.lockfiles import is_lockfile
from pytest_indexcache.drafts.files.project_files import is_project_file
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.reading import read_log

_FENCE: Final = re.compile(r"^[ >]{0,8}(?P<fence>`{3,}|~{3,})(?P<language>[^`\n]*)$")
_ISSUE: Final = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull|discussions)/\d+")
_INLINE: Final = re.compile(r"`(?P<command>(?:uv|pip3?|python3? -m pip) [^`\n]{1,200})`")
_LEAST_EVENTS: Final = 3
"""The minimum number of facts in a block that counts as a further log."""


@dataclass(frozen=True)
class PastedText:
    """The parts of a text: a log, and perhaps files and commands of a thread around it.

    ``first_line`` is the line at which the block with the log begins, from 1; 0 if the whole text
    is the log.
    """

    events: tuple[LogEvent, ...]
    first_line: int = 0
    other_logs: int = 0
    title: str = ""
    issue: str = ""
    project_file: dict[str, Any] | None = None
    lockfile: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Block:
    line: int
    text: str


def read_pasted(text: str) -> PastedText:
    """Find the log in a text: the block with the most facts, or the whole text.

    The first blocks that are a project file and a lockfile are used as such.
    """
    blocks = _blocks(text)
    if not blocks:
        return PastedText(read_log(text))
    logs = [(block, read_log(block.text)) for block in blocks]
    best, events = max(logs, key=lambda pair: len(pair[1]))
    tables = [table for block in blocks if (table := _toml(block.text)) is not None]
    if not events:
        events, line = read_log(text), 0
    else:
        line = best.line
    if not any(event.kind == "command" for event in events):
        events = (*_commands(text), *events)
    others = sum(len(found) >= _LEAST_EVENTS for _, found in logs) - 1
    return PastedText(
        events,
        line,
        max(0, others),
        _title(text),
        _issue(text),
        next((table for table in tables if is_project_file(table)), None),
        next((table for table in tables if is_lockfile(table)), None),
    )


def _blocks(text: str) -> list[_Block]:
    """Return the fenced blocks of a text; an unclosed block extends to the end of the text."""
    blocks: list[_Block] = []
    fence, start, lines = "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(line)
        if not fence:
            if found:
                fence, start, lines = found["fence"], number, []
        elif found and found["fence"].startswith(fence) and not found["language"].strip():
            blocks.append(_Block(start, "\n".join(lines)))
            fence = ""
        else:
            lines.append(line)
    if fence:
        blocks.append(_Block(start, "\n".join(lines)))
    return blocks


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return loads_toml(text)
    except ValueError:
        return None


def _commands(text: str) -> tuple[LogEvent, ...]:
    """Return the commands that the prose marks as code."""
    return tuple(LogEvent("command", detail=found["command"]) for found in _INLINE.finditer(text))


def _title(text: str) -> str:
    found = re.search(r"^# +(\S.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _issue(text: str) -> str:
    """Return the URL of the thread: from its front matter, or else the first in the text."""
    named = re.search(rf"^url: *({_ISSUE.pattern})\s*$", text, re.MULTILINE)
    first = named or re.search(rf"({_ISSUE.pattern})", text)
    return first[1] if first else ""
