"""Changing the text of a TOML file, so that its comments and its layout stay.

Only what a project file needs can be changed: strings in arrays, keys of tables, tables at the end.
Unusual layouts may come out wrong: whoever calls compares the result with what it should hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml

Key = tuple[str, ...]

_TOKEN: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*'''
    r"""|[\[\]{}=,\n]|[^\s"'#\[\]{}=,]+|[ \t\r]+|.""",
    re.DOTALL,
)
"""Strings of all four kinds, comments, punctuation, words, blanks."""
_KEY_PART: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+""")
_COMMA: Final = re.compile(r"(?:\s|#[^\n]*\n)*,")
_LINE_REST: Final = re.compile(r"[ \t]*(,)?[ \t]*(?:#[^\n]*)?\r?\n")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_OPENING, _CLOSING = "[{", "]}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A header, or a key with its value; positions are indices into the text.

    ``path`` is the table's key with the statement's own behind it. A header has no value: its
    ``value_start`` is -1.
    """

    table: Key
    path: Key
    start: int
    stop: int
    value_start: int = -1
    value_stop: int = -1


def read_statements(text: str) -> list[Statement]:
    """Take a TOML file apart into statements, in their order."""
    statements, table = [], Key()
    for tokens in _lines(text):
        start, stop = tokens[0].start(), tokens[-1].end()
        meant = [it for it in tokens if it[0].strip() and not it[0].startswith("#")]
        if not meant:
            continue
        if meant[0][0] == "[":
            table = _read_key(text[meant[0].start() : meant[-1].end()])
            statements.append(Statement(table, table, start, stop))
            continue
        equals = next((n for n, it in enumerate(meant) if it[0] == "="), len(meant) - 1)
        path = (*table, *_read_key(text[start : meant[equals].start()]))
        value_start = meant[min(equals + 1, len(meant) - 1)].start()
        statements.append(Statement(table, path, start, stop, value_start, meant[-1].end()))
    return statements


def _lines(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the tokens of each line; one that brackets hold together counts as one."""
    line: list[re.Match[str]] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        line.append(token)
        depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
        if token[0] == "\n" and depth == 0:
            yield line
            line = []
    if line:
        yield line


def _read_key(text: str) -> Key:
    return tuple(
        loads_toml(f"x = {part}")["x"] if part[0] in "\"'" else part
        for part in _KEY_PART.findall(text)
    )


def find_statement(text: str, path: Key) -> Statement | None:
    """Return the statement that gives a key its value."""
    found = (it for it in read_statements(text) if it.path == path and it.value_start >= 0)
    return next(found, None)


def set_key(text: str, table: Key, key: str, value: Any) -> str:
    """Give a key in a table a value, in place of one that it has; the table may be missing."""
    line = f"{format_key((key,))} = {format_value(value)}\n"
    present = find_statement(text, (*table, key))
    if present is not None:
        return text[: present.value_start] + format_value(value) + text[present.value_stop :]
    within = [it for it in read_statements(text) if it.table == table]
    if not within:
        return f"{_ended(text)}\n[{format_key(table)}]\n{line}"
    place = within[-1].stop
    return _ended(text[:place]) + line + text[place:]


def remove_key(text: str, path: Key) -> str:
    """Remove a key with its value."""
    present = find_statement(text, path)
    return text if present is None else text[: present.start] + text[present.stop :]


def append_table(text: str, path: Key, values: Mapping[str, Any]) -> str:
    """Add an element to an array of tables, behind everything else."""
    lines = [f"{format_key((key,))} = {format_value(value)}\n" for key, value in values.items()]
    return f"{_ended(text)}\n[[{format_key(path)}]]\n{''.join(lines)}"


def edit_strings(text: str, path: Key, remove: Iterable[str], add: Iterable[str]) -> str:
    """Remove strings from an array, and add others behind the rest."""
    for string in remove:
        text = _remove_string(text, path, string)
    for string in add:
        text = _add_string(text, path, string)
    return text


def _strings(text: str, statement: Statement) -> list[tuple[int, int, str]]:
    """List the strings of an array with their positions."""
    tokens = _TOKEN.finditer(text, statement.value_start, statement.value_stop)
    return [
        (it.start(), it.end(), loads_toml(f"x = {it[0]}")["x"])
        for it in tokens
        if it[0][0] in "\"'"
    ]


def _remove_string(text: str, path: Key, string: str) -> str:
    statement = find_statement(text, path)
    found = _strings(text, statement) if statement else []
    start, stop = next(((a, b) for a, b, it in found if it == string), (0, 0))
    if start == stop:
        return text
    line_start = text.rfind("\n", 0, start) + 1
    comma = _COMMA.match(text, stop)
    rest = _LINE_REST.match(text, stop)
    if rest and (rest[1] or not comma) and not text[line_start:start].strip():
        return text[:line_start] + text[rest.end() :]
    if comma:
        return text[:start] + text[comma.end() :].lstrip(" \t")
    # A comma may stay behind on an earlier line, where it is allowed; a comment may stand there.
    return re.sub(r",[ \t]*\Z", "", text[:start]) + text[stop:]


def _add_string(text: str, path: Key, string: str) -> str:
    literal, statement = format_value(string), find_statement(text, path)
    if statement is None:
        return set_key(text, path[:-1], path[-1], [string])
    found = _strings(text, statement)
    if not found:
        return text[: statement.value_start] + format_value([string]) + text[statement.value_stop :]
    start, stop, _ = found[-1]
    comma = _COMMA.match(text, stop)
    if not comma:
        text, stop = f"{text[:stop]},{text[stop:]}", stop + 1
    else:
        stop = comma.end()
    line_start = text.rfind("\n", 0, start) + 1
    indent = text[line_start:start]
    if indent.strip():
        return f"{text[:stop]} {literal}{',' if comma else ''}{text[stop:]}"
    rest = re.compile(r"[ \t]*(#[^\n]*)?(?=\r?\n)").match(text, stop)
    place = rest.end() if rest else stop
    return f"{text[:place]}\n{indent}{literal},{text[place:]}"


def format_key(path: Key) -> str:
    """Write a dotted key."""
    return ".".join(it if _BARE_KEY.fullmatch(it) else format_value(it) for it in path)


def format_value(value: Any) -> str:
    """Write a value: an array of strings one a line, a table in one line, anything else plainly."""
    import tomli_w

    if isinstance(value, Mapping):
        pairs = (f"{format_key((key,))} = {format_value(it)}" for key, it in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return "".join(["[\n", *(f"    {format_value(it)},\n" for it in value), "]"])
    return tomli_w.dumps({"x": value}).partition("=")[2].strip()


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
