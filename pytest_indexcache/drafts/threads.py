"""Find the log, and a pasted project file, in a text such as an issue thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.files.lockfiles import is_lockfile
from pytest_indexcache.drafts.files.project_files import is_project_file
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.reading import read_line, read_log

_FENCE: Final = re.compile(r"^[ >]{0,8}(?P<fence>`{3,}|~{3,})(?P<language>[^`\n]*)$")
_ISSUE: Final = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull|discussions)/\d+")
_OWN_KEY: Final = re.compile(
    rf"^(?:url|html_url|issue|link|permalink|source): *['\"<]?({_ISSUE.pattern})['\">]?\s*$",
    re.MULTILINE | re.IGNORECASE,
)
"""A key in front matter that contains the URL of the text itself."""

_RELEASE: Final = re.compile(
    r"^[^\w\n]{0,8}(?:\*{0,2}(?:uv )?versions?\*{0,2}:?[\s`]{1,6})?"
    r"(?:(?P<name>uv|pip) (?:version:? )?)?v?(?P<version>\d+\.\d+(?:\.\d+)*)(?:[\s.`,]|$)",
    re.MULTILINE | re.IGNORECASE,
)
"""A line with the release of an installer, as templates of trackers request it."""

_VERSION_HEADING: Final = re.compile(r"(?:^|[#*\n] ?)(?:uv )?version[:*]*$")
_QUOTE: Final = re.compile(r"^(?: {0,3}> ?)+")
_HEAD_LINES: Final = 5
_MOST_LINKS: Final = 3
_INLINE: Final = re.compile(r"`(?P<command>(?:uv|pip3?|python3? -m pip) [^`\n]{1,200})`")
_LEAST_EVENTS: Final = 3
"""The minimum number of facts in a block that is regarded as a further log."""


@dataclass(frozen=True)
class PastedText:
    """The parts of a text: a log, and perhaps files and commands of a thread around it.

    ``first_line`` is the line, counted from 1, at which the block with the log begins; 0 if the
    whole text is the log. ``issue`` is the text's own URL, as stated in it; ``linked`` are URLs of
    other issues that it mentions. ``release`` is the installer's release, if only the prose names
    it.
    """

    events: tuple[LogEvent, ...]
    first_line: int = 0
    other_logs: int = 0
    title: str = ""
    issue: str = ""
    linked: tuple[str, ...] = ()
    release: str = ""
    project_file: dict[str, Any] | None = None
    lockfile: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Block:
    line: int
    text: str


def read_pasted(text: str) -> PastedText:
    """Find the log in a text: the block with the most facts, or the lines outside all blocks.

    The first blocks that are a project file and a lockfile are used as such.
    """
    blocks, outside = _blocks(text)
    issue, linked = _own_issue(text), tuple(dict.fromkeys(_ISSUE.findall(text)))
    linked = tuple(link for link in linked if link != issue)[:_MOST_LINKS]
    if not blocks:
        return PastedText(read_log(text), issue=issue, linked=linked)
    logs = [(block, read_log(block.text)) for block in (*blocks, outside)]
    best, events = max(logs, key=lambda pair: len(pair[1]))
    tables = [table for block in blocks if (table := _toml(block.text)) is not None]
    if not any(event.kind == "command" for event in events):
        before = [block for block, found in logs if block.line < best.line and block is not best]
        named = [each for block in before for each in read_log(block.text)]
        events = (
            *([each for each in named if each.kind == "command"] or _commands(text)),
            *events,
        )
    others = sum(len(found) >= _LEAST_EVENTS for block, found in logs if block is not best)
    is_named = any(event.kind == "installer" for event in events)
    return PastedText(
        events,
        best.line if best is not outside else _first_fact(outside),
        others,
        _title(text),
        issue,
        linked,
        "" if is_named else _release(text),
        next((table for table in tables if is_project_file(table)), None),
        next((table for table in tables if is_lockfile(table)), None),
    )


def _blocks(text: str) -> tuple[list[_Block], _Block]:
    """Return the fenced blocks of a text, and the whole text with the lines of blocks emptied.

    An unclosed block extends to the end of the text. Quotation marks (``>``) are removed from
    blocks.
    """
    blocks: list[_Block] = []
    outside: list[str] = []
    fence, start, lines, is_quoted = "", 0, list[str](), False
    for number, line in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(line)
        is_text = not fence and not found
        outside.append(line if is_text else "")
        if not fence:
            if found:
                fence, start, lines = found["fence"], number, []
                is_quoted = line.lstrip().startswith(">")
        elif found and found["fence"].startswith(fence) and not found["language"].strip():
            blocks.append(_Block(start, "\n".join(lines)))
            fence = ""
        else:
            lines.append(_QUOTE.sub("", line) if is_quoted else line)
    if fence:
        blocks.append(_Block(start, "\n".join(lines)))
    return blocks, _Block(0, "\n".join(outside))


def _first_fact(block: _Block) -> int:
    """Return the number of the first line that belongs to a log."""
    lines = enumerate(block.text.splitlines(), start=1)
    return next((number for number, line in lines if read_line(line)), 0)


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return loads_toml(text)
    except ValueError:
        return None


def _commands(text: str) -> tuple[LogEvent, ...]:
    """Return the commands that are marked as code in the text around the log."""
    return tuple(LogEvent("command", detail=found["command"]) for found in _INLINE.finditer(text))


def _title(text: str) -> str:
    found = re.search(r"^# +(\S.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _own_issue(text: str) -> str:
    """Return the URL that a text states as its own, in front matter or at the beginning.

    A link further down is not used, because it leads to a different thread.
    """
    if named := _OWN_KEY.search(text):
        return named[1]
    lines = [line.strip() for line in text.splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        if found := _ISSUE.search(line):
            rest = line.replace(found[0], "").strip("<>()[]#*_:. ")
            return found[0] if line.startswith("#") or not rest else ""
    return ""


def _release(text: str) -> str:
    """Return the release of uv or pip named in the text around the log; empty if none is.

    An example is ``uv 0.6.8``.
    """
    for line in _RELEASE.finditer(text):
        before = text[: line.start()].rstrip()[-40:].lower()
        is_headed = bool(_VERSION_HEADING.search(before)) or "version" in line[0].lower()
        if line["name"] or is_headed:
            return f"{(line['name'] or 'uv').lower()} {line['version']}"
    return ""
