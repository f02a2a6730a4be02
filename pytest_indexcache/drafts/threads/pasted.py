"""Find the log, the commands and the files in a pasted text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.facts.command_steps import asks_indexes
from pytest_indexcache.drafts.files.lockfiles import is_lockfile
from pytest_indexcache.drafts.files.project_files import is_project_file
from pytest_indexcache.drafts.logs.bare_lines import without_escapes
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.reading import read_line, read_log
from pytest_indexcache.drafts.threads.blocks import Block, ThreadParts, thread_parts
from pytest_indexcache.drafts.threads.prose import (
    inline_commands,
    linked_issues,
    named_release,
    own_issue,
    title_of,
)
from pytest_indexcache.drafts.words.toml_values import table_of

_LEAST_FACTS: Final = 3
"""A block by the issue's author counts as a log if it contains at least this many facts."""

_HOMES: Final = ("/home/", "/Users/", ":\\Users\\", ":\\\\Users\\\\")
_USER: Final = r"(?P<name>\w[\w. -]{0,40}?)(?=[/\\])"
_PROMPT: Final = re.compile(
    r"^(?:\([^)\n]{1,40}\) ?)?(?P<name>\w[\w.-]{0,40})@[\w.-]{1,60}[: ][^\n]{0,80}[$#%] ",
    re.MULTILINE,
)


@dataclass(frozen=True)
class PastedText:
    """The log in a pasted text, with the files and commands around it.

    ``first_line`` is the number of the log's first line, or 0 if the whole text is a log.
    ``is_openers`` is true if the author of the issue pasted the log. ``issue`` is the URL of the
    issue, if the text states it. ``linked`` contains URLs of other issues. ``release`` is the
    installer's release, if only the prose names it. ``files`` maps names of requirements files to
    texts. ``others_files`` is the number of ignored project files by other authors. ``users``
    contains user names. ``has_commands`` is false if only prose mentions the commands.
    """

    events: tuple[LogEvent, ...]
    first_line: int = 0
    is_openers: bool = True
    other_logs: int = 0
    title: str = ""
    issue: str = ""
    linked: tuple[str, ...] = ()
    release: str = ""
    project_file: dict[str, Any] | None = None
    lockfile: dict[str, Any] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    others_files: int = 0
    users: tuple[str, ...] = ()
    has_commands: bool = True

    @property
    def can_be_drafted(self) -> bool:
        """Whether the text contains facts from a log, or a command that may send requests."""
        kinds = {event.kind for event in self.events}
        return bool(kinds - {"command"}) or (
            self.has_commands
            and any(asks_indexes(event.detail) for event in self.events if event.kind == "command")
        )


@dataclass(frozen=True)
class _ReadBlock:
    """A pasted block, with the facts and the commands that were read from it."""

    block: Block
    facts: tuple[LogEvent, ...]
    commands: tuple[LogEvent, ...]

    @property
    def asks(self) -> int:
        """The number of commands that may send requests to an index."""
        return sum(asks_indexes(command.detail) for command in self.commands)


def read_pasted(text: str) -> PastedText:
    """Find the log, the files and the commands in a pasted text.

    If there are several logs, the one with the most facts is used. Logs by the issue's author take
    precedence, because others often give advice or report another problem.
    """
    text = without_escapes(text)
    issue = own_issue(text)
    parts = thread_parts(text)
    if not parts.blocks:
        return PastedText(
            read_log(text),
            issue=issue,
            linked=linked_issues(text, issue),
            users=_users(text),
        )
    read = [_read(block) for block in (*parts.blocks, parts.outside, parts.others_outside)]
    log = _log(read)
    tables = [(block, table) for block in parts.blocks if (table := _toml(block.text)) is not None]
    projects = [(block, table) for block, table in tables if is_project_file(table)]
    own = [table for block, table in projects if block.is_openers or _is_beside(block, log)]
    is_named = any(event.kind == "installer" for event in log.facts)
    listed = _commands(read, log)
    return PastedText(
        (*(listed or _inline_commands(parts)), *log.facts),
        log.block.line or _first_fact(log.block),
        log.block.is_openers,
        sum(len(each.facts) >= _LEAST_FACTS for each in read if each is not log),
        title_of(text),
        issue,
        linked_issues(text, issue),
        "" if is_named else named_release(text),
        next(iter(own), None),
        next((table for _, table in tables if is_lockfile(table)), None),
        _requirements_files(parts.blocks),
        len(projects) - len(own),
        _users(text),
        bool(listed),
    )


def _read(block: Block) -> _ReadBlock:
    events = read_log(block.text)
    commands = tuple(event for event in events if event.kind == "command")
    return _ReadBlock(block, tuple(e for e in events if e.kind != "command"), commands)


def _log(read: Sequence[_ReadBlock]) -> _ReadBlock:
    """Return the block with the most facts, preferring blocks by the issue's author."""
    own = [each for each in read if each.block.is_openers and len(each.facts) >= _LEAST_FACTS]
    return max(own or read, key=lambda each: (len(each.facts), each.block.is_openers, each.asks))


def _is_beside(block: Block, log: _ReadBlock) -> bool:
    """Return whether a project file by someone other than the issue's author may be used.

    It may be used if the log is by someone else, too. A file that contains only settings is not
    used, because it is advice.
    """
    table = _toml(block.text) or {}
    poetry = table_of(table_of(table.get("tool")).get("poetry"))
    is_whole = "project" in table or "dependencies" in poetry
    return not log.block.is_openers and is_whole


def _commands(read: Sequence[_ReadBlock], log: _ReadBlock) -> tuple[LogEvent, ...]:
    """Return the commands in the log, or else the commands in the block with the most commands.

    Blocks by the issue's author take precedence.
    """
    asking = [each for each in read if each.asks and (each.block.line or each is log)]
    own = [each for each in asking if each.block.is_openers]
    if log.asks and (log.block.is_openers or not own):
        return log.commands
    return max(own or asking, key=lambda each: each.asks).commands if asking else ()


def _inline_commands(parts: ThreadParts) -> Iterator[LogEvent]:
    """Yield the commands in the prose of the issue's author, or else in other authors' prose."""
    own = inline_commands(parts.outside.text)
    is_asking = any(map(asks_indexes, own))
    for command in own if is_asking else inline_commands(parts.others_outside.text):
        yield LogEvent("command", detail=command)


def _requirements_files(blocks: Iterable[Block]) -> dict[str, str]:
    """Return the requirements files that the issue's author pasted, keyed by filename."""
    files: dict[str, str] = {}
    for block in blocks:
        if block.is_openers and block.filename.endswith((".txt", ".in")):
            files.setdefault(block.filename, block.text)
    return files


def _first_fact(block: Block) -> int:
    """Return the number of the first line with a fact, or 0."""
    lines = enumerate(block.text.splitlines(), start=1)
    return next((number for number, line in lines if read_line(line)), 0)


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return loads_toml(text)
    except ValueError:
        return None


def _users(text: str) -> tuple[str, ...]:
    """Return the user names in paths of home folders and in shell prompts."""
    patterns = [re.compile(f"{re.escape(home)}{_USER}") for home in _HOMES if home in text]
    found = [match for pattern in (*patterns, _PROMPT) for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(match["name"] for match in sorted(found, key=re.Match.start)))
