"""Parse the text of a scenario as TOML, and add hints to the parser's error messages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_indexcache.data_formats import DEEPEST_KEY, find_long_key
from pytest_indexcache.errors import Problem, ScenarioError

_WORD = re.compile(r"[\w.+!-]+")
_VERSION_KEY = re.compile(r"(?:^|\.)(\d[\w.+!-]*)$")
_VERSION = re.compile(r"\d+(?:\.\w+)+[\w.+!-]*")
_HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]")


def parse_toml(text: str, file: Path | None) -> dict[str, Any]:
    """Parse TOML text.

    :raises ScenarioError: with the line number, and with a hint if there is a suitable one
    """
    long_key = find_long_key(text)
    if long_key is not None:
        line = text.count("\n", 0, long_key) + 1
        raise _error(file, f"a dotted key has more than {DEEPEST_KEY} parts", line)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _error(file, "arrays or tables are nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except ValueError:
        # int() refuses more than 4300 digits, since its time grows with their square
        raise _error(file, "a number has too many digits") from None


def _syntax_error(message: str, text: str, file: Path | None) -> ScenarioError:
    match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    if match:
        what, line, column = match[1], int(match[2]), int(match[3])
        where = f", at column {column}"
    else:
        what = message.removesuffix(" (at end of document)")
        line = text.rstrip().count("\n") + 1
        column = len(text.rstrip().rpartition("\n")[2]) + 1
        where = ", at the end of the file"
    hint = _Mistake(what, text.split("\n"), line, column).hint()
    return _error(file, f"is not TOML: {what}{where}", line, hint)


def _error(file: Path | None, text: str, line: int | None = None, hint: str = "") -> ScenarioError:
    return ScenarioError(file, (Problem(text, "", line, hint),))


@dataclass(frozen=True)
class _Mistake:
    """An error that the TOML parser has found; ``line`` and ``column`` are counted from 1."""

    message: str
    lines: list[str]
    line: int
    column: int

    @property
    def _text(self) -> str:
        return self.lines[self.line - 1].rstrip("\r")

    @property
    def _before(self) -> str:
        return self._text[: self.column - 1]

    @property
    def _rest(self) -> str:
        return self._text[self.column - 1 :]

    def hint(self) -> str:
        """Return a hint that shows the correct form, or an empty string if none is suitable."""
        if re.match(r"\s*\[\[?\s*steps\s*\]", self._text) and self.message.startswith("Cannot"):
            return "every step begins with [[steps]]"
        if self.message.startswith(("Cannot declare", "Cannot overwrite")):
            return "the key or table already exists: put all keys of one table under one header"
        if self.message.startswith("Invalid value"):
            return self._value()
        if self.message.startswith("Unescaped"):
            return r"write \\ for a backslash, or the text in single quotes"
        return self._version() or self._inline_table()

    def _value(self) -> str:
        if re.match("[\u2018-\u201f]", self._rest):  # curly quotes, made by word processors
            return 'use straight quotes: "…"'
        bare = re.match(r"[A-Za-z_][^,\]}#\"']*", self._rest)
        word = bare[0].strip() if bare else ""
        if word.lower() in ("true", "false"):
            return f"write {word.lower()}"
        return f'write a text in quotes: "{word}"' if word else ""

    def _version(self) -> str:
        """Return a hint to put a version in quotes, or "" if the error is not in a version."""
        for word in _WORD.finditer(self._text):
            if not word.start() < self.column <= word.end() + 1:
                continue
            is_key = self.message.startswith("Expected '") or self._rest.lstrip()[:1] == "="
            version = _VERSION_KEY.search(word[0]) if is_key else _VERSION.fullmatch(word[0])
            if version:
                text = version[version.lastindex or 0]
                tail = " = {}" if self.message.startswith("Expected '='") else ""
                return f'write a version in quotes: "{text}"{tail}'
        return ""

    def _inline_table(self) -> str:
        """Return a hint to remove a line break or a trailing comma from an inline table.

        The result is an empty string if neither of them is the cause of the error.
        """
        opened = re.findall(r"([\w-]+)\s*=\s*\{", self._before)
        if not opened or self._before.count("{") <= self._before.count("}"):
            return ""
        if self._rest.startswith("}"):
            return "leave out the comma after the last key of an inline table"
        if self._rest.strip() and not self._rest.lstrip().startswith("#"):
            return ""
        headers = [found[1] for text in self.lines[: self.line] if (found := _HEADER.match(text))]
        table = ".".join([*headers[-1:], opened[0]])
        return f"write the table {{ … }} in one line, or under a header of its own: [{table}]"
