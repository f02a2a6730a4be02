"""Line numbers of the keys in a TOML text."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.scenario.findings.positions import DEEPEST, Path, find_positions

TEXT = '''\
# title = "no"
title = """
[steps]
do = 1"""
a.b . "c d" = 5 # x = 1
[[steps]]
do = "sync" # [not]
expect = { downloads = { torch = 1 }, installed = { "x\\u0041" = [ 1, # one
  2, { q = 1, r.s = 2 }
] } }
[steps.more]
'lit.eral' = [[], [
  "]"]]
[[steps]]
  [[steps.z]]
  k = """x"""""
  [[steps.z]]
  k = \'\'\'
z = 3'\'\'\'
 [ indexes . 'p q' ]
when = 1979-05-27 07:32:00Z
[g.h]
[g]
'''


def test_lines_of_keys() -> None:
    """Each key and each array element has the line number of its own statement."""
    assert tomllib.loads(TEXT)["steps"][1]["z"][1]["k"] == "z = 3'"
    assert find_positions(TEXT).lines == {
        ("title",): 2,
        ("a",): 5,
        ("a", "b"): 5,
        ("a", "b", "c d"): 5,
        ("steps",): 6,
        ("steps", 0): 6,
        ("steps", 0, "do"): 7,
        ("steps", 0, "expect"): 8,
        ("steps", 0, "expect", "downloads"): 8,
        ("steps", 0, "expect", "downloads", "torch"): 8,
        ("steps", 0, "expect", "installed"): 8,
        ("steps", 0, "expect", "installed", "xA"): 8,
        ("steps", 0, "expect", "installed", "xA", 0): 8,
        ("steps", 0, "expect", "installed", "xA", 1): 9,
        ("steps", 0, "expect", "installed", "xA", 2): 9,
        ("steps", 0, "expect", "installed", "xA", 2, "q"): 9,
        ("steps", 0, "expect", "installed", "xA", 2, "r"): 9,
        ("steps", 0, "expect", "installed", "xA", 2, "r", "s"): 9,
        ("steps", 0, "more"): 11,
        ("steps", 0, "more", "lit.eral"): 12,
        ("steps", 0, "more", "lit.eral", 0): 12,
        ("steps", 0, "more", "lit.eral", 1): 12,
        ("steps", 0, "more", "lit.eral", 1, 0): 13,
        ("steps", 1): 14,
        ("steps", 1, "z"): 15,
        ("steps", 1, "z", 0): 15,
        ("steps", 1, "z", 0, "k"): 16,
        ("steps", 1, "z", 1): 17,
        ("steps", 1, "z", 1, "k"): 18,
        ("indexes",): 20,
        ("indexes", "p q"): 20,
        ("indexes", "p q", "when"): 21,
        ("g",): 23,
        ("g", "h"): 22,
    }


def test_line_of_what_is_missing() -> None:
    """A missing key is reported with the line number of the innermost existing table."""
    positions = find_positions(TEXT)
    assert positions.line(("steps", 1, "do")) == 14
    assert positions.line(("steps", 0, "expect", "downloads", "six")) == 8
    assert positions.line(("tags",)) is None
    assert positions.line(()) is None


def test_windows_line_ends() -> None:
    """Line numbers are the same with LF and CRLF line endings."""
    assert find_positions("a = 1\r\n\r\n[b]\r\nc = 2\r\n").lines == {
        ("a",): 1,
        ("b",): 3,
        ("b", "c"): 4,
    }


def test_before_the_first_mistake() -> None:
    """In invalid TOML, the keys before the first mistake have line numbers."""
    assert find_positions("a = 1\nb = [1, 2\nc = ]").lines[("a",)] == 1
    assert find_positions("a = 1\nb = {x = 1, y}\n[c]").lines == {
        ("a",): 1,
        ("b",): 2,
        ("b", "x"): 2,
        ("b", "y"): 2,
    }


def test_deep_nesting() -> None:
    """Keys that are nested deeper than the limit do not have line numbers."""
    assert len(find_positions("a = " + "[" * 100_000).lines) == DEEPEST
    assert find_positions("a." * 100_000 + "a = 1").lines == {}


@given(st.text() | st.text(alphabet="ab.=[]{}\"'\\#\n\r \t,1"))
def test_anything_at_all(text: str) -> None:
    """For any text, valid TOML or not, no error is raised, and no line number is out of range."""
    positions = find_positions(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in positions.lines.values())


@dataclass
class _Document:
    """A TOML text that is written line by line, with the line number of each path."""

    text: str = ""
    lines: dict[Path, int] = field(default_factory=dict)

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1


_KEYS = st.sampled_from(["a", "b-1", "2.8.0", "c d", 'q"', "é", "[x]", "#", ""])
_SCALARS = (
    st.integers()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet="a]}\"'#=\n[{,\\ ", max_size=8)
)
_TABLES = st.recursive(
    st.dictionaries(_KEYS, _SCALARS, max_size=4),
    lambda inner: st.dictionaries(
        _KEYS, _SCALARS | inner | st.lists(_SCALARS | inner, max_size=3), max_size=4
    ),
    max_leaves=12,
)


def _quoted(key: str) -> str:
    return key if key.replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _write(document: _Document, data: st.DataObject, value: object, path: Path) -> None:
    """Write a value in one of TOML's notations, and record the line numbers of its parts."""
    if isinstance(value, dict):
        document.text += "{ "
        for number, (key, inner) in enumerate(value.items()):
            document.text += ", " if number else ""
            document.lines[*path, key] = document.line
            document.text += f"{_quoted(key)} = "
            _write(document, data, inner, (*path, key))
        document.text += " }"
    elif isinstance(value, list):
        document.text += "["
        for number, inner in enumerate(value):
            document.text += data.draw(st.sampled_from(["", "\n", " # ]\n\n"]))
            document.lines[*path, number] = document.line
            _write(document, data, inner, (*path, number))
            document.text += data.draw(st.sampled_from([",", ", ", "\n,\n"]))
        document.text += "]"
    elif isinstance(value, str) and "\\" not in value and "'''" not in value and value[-1:] != "'":
        ways = [json.dumps(value), f"'''\n{value}'''"]
        document.text += data.draw(st.sampled_from(ways))
    else:
        document.text += json.dumps(value)


def _write_tables(
    document: _Document, data: st.DataObject, table: dict[str, object], path: Path
) -> None:
    """Write a table with headers, its plain values first."""
    header = tuple(key for key in path if isinstance(key, str))
    for key, value in table.items():
        document.text += data.draw(st.sampled_from(["", "\n", "# [c]\n", "  "]))
        if not _wants_header(value):
            document.lines[*path, key] = document.line
            document.text += f"{_quoted(key)} = "
            _write(document, data, value, (*path, key))
            document.text += data.draw(st.sampled_from(["\n", " # 'x\n", "\n\n"]))
    for key, value in table.items():
        if not _wants_header(value):
            continue
        name = ".".join(map(_quoted, (*header, key)))
        tables = value if isinstance(value, list) else [value]
        for number, each in enumerate(tables):
            inner = (*path, key, number) if isinstance(value, list) else (*path, key)
            document.lines.setdefault((*path, key), document.line)
            document.lines[inner] = document.line
            document.text += f"[[{name}]]\n" if isinstance(value, list) else f"[{name}]\n"
            _write_tables(document, data, each, inner)


def _wants_header(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict)


@given(_TABLES, st.data())
def test_lines_are_those_that_were_written(table: dict[str, object], data: st.DataObject) -> None:
    """In a generated document, each path has the line number at which it was written."""
    document = _Document()
    _write_tables(document, data, table, ())
    assert tomllib.loads(document.text) == table
    assert find_positions(document.text).lines == document.lines


@given(_TABLES)
def test_every_value_has_a_line(table: dict[str, object]) -> None:
    """Every value that the TOML parser finds in a scenario file has a line number."""
    document = _Document()
    for key, value in table.items():
        document.text += f"{_quoted(key)} = {_inline(value)}\n"
    parsed = tomllib.loads(document.text)
    assert set(find_positions(document.text).lines) == set(_paths(parsed, ()))


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(k)} = {_inline(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value)


def _paths(value: object, path: Path) -> list[Path]:
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [p for key, each in items for p in ((*path, key), *_paths(each, (*path, key)))]
