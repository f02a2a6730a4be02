"""Names of command line arguments, and how their values are written and parsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.reference.commands.options import ARGUMENTS, Options
from pytest_indexcache.reference.words.selection import EVERYTHING, NOTHING, Selection


def test_names_and_metavar_are_read_from_the_usage() -> None:
    """Words with leading hyphens in a usage text are option names; the last word is the metavar."""
    for_all, for_one = ARGUMENTS["upgrade"].spellings
    assert (for_all.names, for_one.names) == (("--upgrade",), ("--upgrade-package",))
    (spelling,) = ARGUMENTS["files"].spellings
    assert spelling.names == ("-r", "--requirement")
    assert spelling.keywords["metavar"] == "FILE"
    assert "metavar" not in ARGUMENTS["quiet"].spellings[0].keywords


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("quiet", True, ["--quiet"]),
        ("python", "3.12", ["--python", "3.12"]),
        ("python", "-x", ["--python=-x"]),
        ("extras", ["a", "b"], ["--extra", "a", "--extra", "b"]),
        ("upgrade", True, ["--upgrade"]),
        ("upgrade", ["a"], ["--upgrade-package", "a"]),
        ("no_build", True, ["--no-build", ":all:"]),
        ("no_build", ("a", "b"), ["--no-build", "a", "--no-build", "b"]),
        ("arguments", ["-c", "pass"], ["-c", "pass"]),
    ],
)
def test_a_value_is_written_in_words(key: str, value: Any, words: list[str]) -> None:
    """Options become arguments: True adds only the option, and a value ``-x`` follows ``=``."""
    assert list(ARGUMENTS[key].written(value)) == words


@pytest.mark.parametrize(
    ("key", "found", "value"),
    [
        ("quiet", True, True),
        ("python", "3.12", "3.12"),
        ("extras", ["a"], ("a",)),
        ("files", ["r.txt", "/s.txt"], (Path("/here/r.txt"), Path("/s.txt"))),
        ("upgrade", ["a", ":all:"], EVERYTHING),
        ("no_build", ["A_b"], Selection.of(["a-b"])),
        ("no_build", ["a,b", "c"], Selection.of(["a", "b", "c"])),
        ("no_build", ["a", ":none:"], NOTHING),
    ],
)
def test_a_value_is_made_of_what_the_parser_finds(key: str, found: Any, value: Any) -> None:
    """Parsed paths are relative to the command line's folder; project names form a selection."""
    assert ARGUMENTS[key].value(found, Path("/here")) == value


def test_nothing_is_chosen_unless_it_is_given() -> None:
    """A command line without options has the default value for every field."""
    example = Options()
    assert (example.quiet, example.python, example.extras) == (False, None, ())
    assert (example.upgrade, example.no_build) == (NOTHING, NOTHING)
