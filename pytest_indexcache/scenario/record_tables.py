"""Writing ``[affected]`` and ``[measured]`` into a scenario's text; all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import tomli_w

from pytest_indexcache.data_formats import loads_toml

_TABLES = ("affected", "measured")
_HEADER = re.compile(r"\s*\[")


def with_record_tables(text: str, tables: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the text of a scenario with these tables instead of those that it has.

    ``tables`` are ``affected`` and ``measured``; an empty one is left out. They come where the
    first of them was, or before all other tables. Returns None for a text that cannot be rewritten
    so, because it writes them in another way or has what looks like a table within a string.
    """
    lines, place = _without_tables(text.splitlines(keepends=True))
    filled = {name: dict(tables[name]) for name in _TABLES if tables.get(name)}
    blocks = [f"{tomli_w.dumps({name: table})}\n" for name, table in filled.items()]
    written = "".join([*lines[:place], *blocks, *lines[place:]])
    return written if _says(written) == {**_others(_says(text)), **filled} else None


def _without_tables(lines: list[str]) -> tuple[list[str], int]:
    """Take the tables out, and find the line before which they are written."""
    kept: list[str] = []
    place, inside = None, False
    for line in lines:
        if _HEADER.match(line):
            inside = re.match(rf"\[({'|'.join(_TABLES)})\]\s*(#.*)?$", line) is not None
            place = len(kept) if place is None else place
        if not inside:
            kept.append(line)
    return kept, len(kept) if place is None else place


def _says(text: str) -> dict[str, Any] | None:
    try:
        return loads_toml(text)
    except ValueError:
        return None


def _others(document: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (document or {}).items() if key not in _TABLES}
