"""Lines that fit the terminal."""

from __future__ import annotations

import io

import pytest

from pytest_indexcache.cli.terminal.lines import beside, text_width, wrapped, write_lines

LINK = "https://download.pytorch.org/whl/cpu/torch/"


@pytest.mark.parametrize(
    ("line", "width", "lines"),
    [
        ("one two three four five six seven", None, ["one two three four five six seven"]),
        ("short", 20, ["short"]),
        ("", 20, [""]),
        ("one two three four five six", 20, ["one two three four", "  five six"]),
        ("  hint: name another of them", 20, ["  hint: name another", "    of them"]),
        (f"see {LINK} now", 20, ["see", f"  {LINK}", "  now"]),
        ("$ uv sync --extra cpu --no-cache", 20, ["$ uv sync --extra cpu --no-cache"]),
        ("├── one two three four five", 24, ["├── one two three four", "│     five"]),
        ("└── one two three four five", 24, ["└── one two three four", "      five"]),
    ],
)
def test_lines_are_wrapped_at_spaces(line: str, width: int | None, lines: list[str]) -> None:
    """A wide line is continued below its start, and long words and commands are not broken."""
    assert wrapped(line, width) == lines


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (None, ["a          one two three four five", "long-name  six"]),
        (24, ["a          one two three four", "           five", "long-name  six"]),
        (12, ["a", "    one two three four", "    five", "long-name", "    six"]),
    ],
)
def test_descriptions_stand_beside_names_or_below_them(width: int, lines: list[str]) -> None:
    """A description is wrapped beside its name, or below the name in a narrow terminal."""
    rows = (("a", "one two three four five"), ("long-name", "six"))
    assert list(beside(rows, width)) == lines


def test_stream_without_a_terminal_has_a_width_by_columns_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pipe has no width, so that programs read whole lines, unless COLUMNS is set."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert text_width(io.StringIO()) is None
    monkeypatch.setenv("COLUMNS", "40")
    assert text_width(io.StringIO()) == 40


def test_control_characters_are_escaped() -> None:
    """Text of strangers cannot control the terminal."""
    stream = io.StringIO()
    write_lines(stream, ["a\x1b[31mb"])
    assert stream.getvalue() == "a\\x1b[31mb\n"
