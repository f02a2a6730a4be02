"""Find the line numbers of keys in TOML text, because the TOML parser does not report them."""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.data_formats import loads_toml

Path = tuple[str | int, ...]
"""The path to a value in a file: keys of tables, and positions in arrays (from 0)."""

DEEPEST: Final = 64
"""The maximum number of keys and positions in a path; no line is known for deeper values."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_SPACE = re.compile(r"[ \t]*+")
_REST_OF_LINE = re.compile(r"[^\n]*+")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""(?:"{0,2})'
    r"|'''(?:[^']++|'(?!''))*+'''(?:'{0,2})"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_BARE = re.compile(r"[^\s,\]}#](?:[^,\]}\n#]*+)")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")


@dataclass(frozen=True)
class Positions:
    """The line numbers (from 1) at which the keys and array elements in TOML text begin."""

    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """Return the line of a path or of the nearest table around it, or None if there is none."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def find_positions(text: str) -> Positions:
    """Return the line numbers at which the keys in TOML text begin.

    If the text is not valid TOML, the result only contains keys before the first mistake.
    """
    scan = _Scan(text)
    with suppress(_LostError):
        scan.statements()
    return Positions({**scan.implied, **scan.said})


class _LostError(Exception):
    """Raised if the rest of the text is not valid TOML or is nested too deeply."""


class _Scan:
    """A scan of TOML text that records the lines of keys.

    ``said`` maps the path of each statement or header to its line. ``implied`` does the same for
    tables that are only defined by dotted keys. ``counts`` contains the number of elements found so
    far in each array of tables.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.said: dict[Path, int] = {}
        self.implied: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def statements(self) -> None:
        """Read table headers and key/value statements up to the end of the text."""
        table: Path = ()
        while self._next(_BLANK) and self.at < len(self.text):
            if self._takes("[["):
                table = self._element(self._key())
                self._expect("]]")
            elif self._takes("["):
                line = self._line()
                table = self._inside((), self._key(), line)
                self.said.setdefault(table, line)
                self._expect("]")
            else:
                self._statement(table)
            self._next(_SPACE)
            self._next(_REST_OF_LINE)

    def _statement(self, table: Path) -> None:
        line = self._line()
        path = self._inside(table, self._key(), line)
        self.said.setdefault(path, line)
        self._expect("=")
        self._value(path)

    def _inside(self, table: Path, key: Path, line: int) -> Path:
        """Return the path to a key in a table; in an array of tables, use the last element."""
        for part in key[:-1]:
            table = (*table, part)
            self.implied.setdefault(table, line)
            if table in self.counts:
                table = (*table, self.counts[table] - 1)
        return (*table, key[-1])

    def _element(self, key: Path) -> Path:
        line = self._line()
        array = self._inside((), key, line)
        self.implied.setdefault(array, line)
        number = self.counts[array] = self.counts.get(array, 0) + 1
        self.said[*array, number - 1] = line
        return (*array, number - 1)

    def _value(self, path: Path) -> None:
        self._next(_SPACE)
        if len(path) >= DEEPEST:
            raise _LostError
        if self._takes("["):
            self._array(path)
        elif self._takes("{"):
            self._inline_table(path)
        elif not self._next(_STRING) and not self._next(_BARE):
            raise _LostError

    def _array(self, path: Path) -> None:
        number = 0
        while self._next(_BLANK) and not self._takes("]"):
            self.said[*path, number] = self._line()
            self._value((*path, number))
            number += 1
            self._next(_BLANK)
            if not self._takes(",") and not self.text.startswith("]", self.at):
                raise _LostError

    def _inline_table(self, path: Path) -> None:
        while self._next(_BLANK) and not self._takes("}"):
            self._statement(path)
            self._next(_BLANK)
            if not self._takes(",") and not self.text.startswith("}", self.at):
                raise _LostError

    def _key(self) -> Path:
        parts: list[str] = []
        while not parts or self._takes("."):
            self._next(_SPACE)
            start = self.at
            if not self._next(_KEY) or len(parts) == DEEPEST:
                raise _LostError
            parts.append(_unquoted(self.text[start : self.at]))
            self._next(_SPACE)
        return tuple(parts)

    def _line(self) -> int:
        return bisect_right(self._ends, self.at - 1) + 1

    def _next(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return bool(match)

    def _takes(self, token: str) -> bool:
        taken = self.text.startswith(token, self.at)
        self.at += len(token) if taken else 0
        return taken

    def _expect(self, token: str) -> None:
        self._next(_SPACE)
        if not self._takes(token):
            raise _LostError


def _unquoted(key: str) -> str:
    if key[0] == "'" or (key[0] == '"' and "\\" not in key):
        return key[1:-1]
    if key[0] != '"':
        return key
    try:
        return str(loads_toml(f"key = {key}")["key"])
    except ValueError:
        raise _LostError from None
