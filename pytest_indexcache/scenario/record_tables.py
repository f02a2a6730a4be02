"""Write tables such as ``affected`` and ``measured`` into the text of a scenario."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import dropwhile, takewhile
from typing import Any, Final

import tomli_w

from pytest_indexcache.data_formats import loads_toml

RECORD_TABLES: Final = ("affected", "sometimes", "measured", "bug", "fixed-by", "variants")
"""The tables that record which releases have the bug, in the order in which they are written."""

LINE_WIDTH: Final = 120
"""The maximum number of characters of a TOML table that is written on one line."""

_HEADER = re.compile(r"\s*\[")
_TABLE = re.compile(r"\[([a-z-]+)\]\s*(#.*)?$")
_INLINE = re.compile(r"([a-z-]+)\s*=\s*\{.*\}\s*(#.*)?$")


def with_record_tables(text: str, tables: Mapping[str, Mapping[str, str | int]]) -> str | None:
    """Return the text of a scenario after replacing the tables that are in ``tables``.

    The keys of ``tables`` are among `RECORD_TABLES`; empty tables are left out. The tables are
    written directly after the other top-level keys: inline if a table fits into `LINE_WIDTH`
    columns, and otherwise with a header.

    Returns None if the text cannot be rewritten, either because its tables have an unknown form or
    because a string in it looks like a table.
    """
    filled = {name: dict(tables[name]) for name in RECORD_TABLES if tables.get(name)}
    lines = _without(text.splitlines(keepends=True), tables)
    headed = ""
    for name, table in filled.items():
        inline = _inline(name, table)
        if len(inline) <= LINE_WIDTH:
            _insert(lines, _inline_place(lines, name), f"{inline}\n")
        else:
            headed += tomli_w.dumps({name: table})
    _insert(lines, _end_of_top(lines), headed)
    written = "".join(lines)
    others = {key: said for key, said in (_read(text) or {}).items() if key not in tables}
    return written if _read(written) == {**others, **filled} else None


def _inline(name: str, table: Mapping[str, str | int]) -> str:
    pairs = tomli_w.dumps(table).strip("\n").split("\n")
    return f"{name} = {{ {', '.join(pairs)} }}"


def _without(lines: list[str], names: Collection[str]) -> list[str]:
    """Return the lines without these tables, inline or not, but with the comments after a table."""
    kept: list[str] = []
    at_top, inside = True, False
    after: list[str] = []  # comments and blank lines after the last key of a removed table
    for line in lines:
        if _HEADER.match(line):
            _end_table(kept, after)
            at_top, inside, after = False, _name(_TABLE, line) in names, []
        if inside:
            after = [] if _holds_key(line) else [*after, line]
        elif not (at_top and _name(_INLINE, line) in names):
            kept.append(line)
    _end_table(kept, after)
    return kept


def _end_table(kept: list[str], after: list[str]) -> None:
    """Append the lines that follow a removed table, but avoid two blank lines in a row."""
    if not kept or not kept[-1].strip():
        after = list(dropwhile(_is_blank, after))
    kept.extend(after)


def _inline_place(lines: list[str], name: str) -> int:
    """Return the index of the line before which an inline table should be inserted.

    This is the line of the next record table, or the end of the top-level keys.
    """
    later = RECORD_TABLES[RECORD_TABLES.index(name) + 1 :]
    end = _end_of_top(lines)
    return next((place for place in range(end) if _name(_INLINE, lines[place]) in later), end)


def _end_of_top(lines: list[str]) -> int:
    """Return the index of the line that follows the top-level keys.

    Comments that belong to the first table come after this line.
    """
    end = next((place for place, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    if end < len(lines):
        end -= sum(1 for _ in takewhile(_is_comment, reversed(lines[:end])))
    return end - sum(1 for _ in takewhile(_is_blank, reversed(lines[:end])))


def _insert(lines: list[str], place: int, written: str) -> None:
    if place and not lines[place - 1].endswith("\n"):
        lines[place - 1] += "\n"
    lines.insert(place, written)


def _is_blank(line: str) -> bool:
    return not line.strip()


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def _holds_key(line: str) -> bool:
    return not _is_blank(line) and not _is_comment(line)


def _name(pattern: re.Pattern[str], line: str) -> str | None:
    found = pattern.match(line)
    return found and found[1]


def _read(text: str) -> dict[str, Any] | None:
    try:
        return loads_toml(text)
    except ValueError:
        return None
