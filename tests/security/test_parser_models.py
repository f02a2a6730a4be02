"""Accepted command lines, read again by a model of each installer's own argument parser."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.commands.grammar import INSTALLERS, grammar_of
from pytest_indexcache.scenario.commands.parser import parse
from pytest_indexcache.scenario.values.reach import Reach

from .parser_models import UnreadableError, read_by_model

REACH = Reach(frozenset({HostPort("a.example", 443)}), frozenset({"six"}))

_VALUES = (
    *("six", "six>=1,<2", ".", "..", "../..", "../foo", "/etc/passwd", "~/x", "a/../../../b"),
    *("https://a.example/x", "file:///etc", "git+ssh://a/b", "x=../../y", "a=/b", "n=https://a/b"),
    *(
        "-",
        "--",
        "sync",
        "run",
        "lock",
        "install",
        "1",
        "2024-01-01",
        "true",
        "3.12",
        "$HOME",
        "x,/y",
    ),
    *("python", "-c", "import six", "sh", "out.txt", "../../out.txt", "six @ ../../x", "C:\\x", ""),
)


@st.composite
def _commands(draw: st.DrawFn, installer: str) -> list[str]:
    grammar = grammar_of(installer)
    name = draw(st.sampled_from(sorted(grammar.subcommands)))
    values = st.sampled_from(_VALUES)

    def some(known: Sequence[str], most: int) -> list[str]:
        words: list[str] = []
        for option in draw(st.lists(st.sampled_from(known), max_size=most)):
            value = draw(values)
            form = draw(st.integers(0, 5))
            forms = (
                [option, value],
                [f"{option}={value}"],
                [f"{option}{value}"],
                [option],
                [value],
            )
            words += [*forms, [f"-q{option.lstrip('-')}{value}"]][form]
        return words

    known = [*grammar.subcommands[name].options, *grammar.refused]
    leading = some([*grammar.leading, *grammar.refused], 1)
    return [
        installer,
        *leading,
        *name.split(),
        *some(known, 4),
        *draw(st.lists(values, max_size=1)),
    ]


@pytest.mark.parametrize("installer", INSTALLERS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_installer_reads_an_accepted_command_as_the_check_did(
    installer: str, data: st.DataObject
) -> None:
    """The installer's own parser finds the same options and values as the check."""
    command = data.draw(_commands(installer))
    try:
        words = split_command(installer, command, REACH)
    except ValueError:
        event("refused")
        return
    event("accepted")
    grammar = grammar_of(installer)
    parsed = parse(grammar, words)
    try:
        options, arguments = read_by_model(grammar, words)
    except UnreadableError:
        return
    assert options == [(given.option, given.value) for given in parsed.options]
    assert arguments == [*parsed.arguments, *parsed.program]


@pytest.mark.parametrize(
    "command",
    [
        "uv -q run --refresh-package six -vp3.12 python -V",
        "poetry -C ../x add -Gdev --source=a six",
        "pip -q install -vUr r.txt --no-binary=six -i https://a.example/simple six",
        "pdm -p ../x add -dGtest --override o.txt six idna",
    ],
)
def test_models_read_commands(command: str) -> None:
    """The models accept the installers' commands, and find the same values as the check."""
    installer, *words = command.split()
    grammar = grammar_of(installer)
    parsed = parse(grammar, tuple(words))
    options, arguments = read_by_model(grammar, words)
    assert options == [(given.option, given.value) for given in parsed.options]
    assert arguments == [*parsed.arguments, *parsed.program]


@pytest.mark.parametrize("installer", INSTALLERS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_values_of_an_accepted_command_stay_inside(installer: str, data: st.DataObject) -> None:
    """No part of an accepted value leads out of the workspace, wherever the command is run."""
    command = data.draw(_commands(installer))
    try:
        words = split_command(installer, command, REACH)
    except ValueError:
        return
    parsed = parse(grammar_of(installer), words)
    texts = [given.value for given in parsed.options if given.kind not in ("text", "base")]
    folders = [given.value for given in parsed.options if given.kind == "base"]
    for text in [*texts, *parsed.arguments]:
        for part in re.split(r"[=, ]|@(?!\w)", text):
            assert _is_inside(part, folders), (command, part)
    assert _is_inside(".", folders)


def _is_inside(part: str, folders: Sequence[str]) -> bool:
    if re.match(r"https?://", part):
        return ".." not in part
    if part.startswith(("/", "~")) or "\\" in part or "://" in part or "$" in part:
        return False
    depth = 1
    for step in "/".join([*folders, part]).split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
    return depth >= 0
