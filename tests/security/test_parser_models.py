"""Accepted command lines, read again by a model of each installer's own argument parser.

pip reads with optparse and pdm with argparse, so that these are their models. uv (clap) and poetry
(cleo) have a model of a few lines.
"""

from __future__ import annotations

import argparse
import optparse
import re
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.commands.grammar import INSTALLERS, Grammar, grammar_of
from pytest_indexcache.scenario.commands.parser import parse
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(frozenset({HostPort("a.example", 443)}), frozenset({"six"}))

Reading = tuple[list[tuple[str, str]], list[str]]
"""The options with their values, and the arguments."""


class _UnreadableError(Exception):
    """The installer would refuse the command line."""


class _Optparse(optparse.OptionParser):
    def error(self, msg: str) -> None:  # type: ignore[override]
        raise _UnreadableError(msg)


def _optparse(known: Mapping[str, str], words: Sequence[str], interspersed: bool) -> Reading:
    given: list[tuple[str, str]] = []

    def note(_option: object, name: str, value: str | None, _parser: object) -> None:
        given.append((name, value or ""))

    parser = _Optparse(add_help_option=False)
    if not interspersed:
        parser.disable_interspersed_args()
    for name, kind in known.items():
        if kind == "flags":
            parser.add_option(name, action="callback", callback=note)
        else:
            parser.add_option(name, action="callback", callback=note, type="string")
    _, rest = parser.parse_args(list(words))
    return given, rest


class _Argparse(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise _UnreadableError(message)


def _argparse(known: Mapping[str, str], words: Sequence[str], interspersed: bool) -> Reading:
    given: list[tuple[str, str]] = []

    class Note(argparse.Action):
        def __call__(
            self,
            _parser: argparse.ArgumentParser,
            _namespace: argparse.Namespace,
            values: object,
            option_string: str | None = None,
        ) -> None:
            given.append((option_string or "", values if isinstance(values, str) else ""))

    parser = _Argparse(add_help=False)
    for name, kind in known.items():
        parser.add_argument(
            name, action=Note, nargs=0 if kind == "flags" else None, dest=re.sub(r"\W", "_", name)
        )
    parser.add_argument("words", nargs="*" if interspersed else argparse.PARSER)
    return given, parser.parse_args(list(words)).words


def _clap(known: Mapping[str, str], words: Sequence[str], interspersed: bool) -> Reading:
    given: list[tuple[str, str]] = []
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            return given, rest + queue
        if not word.startswith("-") or word == "-":
            if not interspersed:
                return given, [word, *queue]
            rest.append(word)
            continue
        head, has_value, tail = word.partition("=")
        if head.startswith("--") and head in known:
            if known[head] == "flags":
                given.append((head, ""))
            else:
                given.append((head, tail if has_value else _following(queue)))
            continue
        cluster = word[1:]
        while cluster:
            name, cluster = f"-{cluster[0]}", cluster[1:]
            if name not in known:
                raise _UnreadableError(word)
            if known[name] == "flags":
                given.append((name, ""))
            else:
                given.append((name, cluster.removeprefix("=") or _following(queue)))
                cluster = ""
    return given, rest


def _following(queue: list[str]) -> str:
    if not queue or (queue[0].startswith("-") and queue[0] != "-"):
        raise _UnreadableError("a value is lacking")
    return queue.pop(0)


MODELS: Mapping[str, Callable[[Mapping[str, str], Sequence[str], bool], Reading]] = {
    "uv": _clap,
    "poetry": _clap,
    "pip": _optparse,
    "pdm": _argparse,
}

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


def _read_by_model(grammar: Grammar, words: Sequence[str]) -> Reading:
    model = MODELS[grammar.installer]
    everything = dict.fromkeys(grammar.refused, "refused")
    given, rest = model(everything | dict(grammar.leading), words, False)
    longest = grammar.subcommands.get(" ".join(rest[:2]))
    subcommand = longest or grammar.subcommands[rest[0]]
    known = everything | dict(subcommand.options)
    is_run = subcommand.arguments == ("program",)
    more, arguments = model(known, rest[len(subcommand.name.split()) :], not is_run)
    return [*given, *more], arguments


@pytest.mark.parametrize("installer", INSTALLERS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_installer_reads_an_accepted_command_as_the_check_did(
    installer: str, data: st.DataObject
) -> None:
    """No value that the check saw is an option, a subcommand or a program for the installer."""
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
        options, arguments = _read_by_model(grammar, words)
    except _UnreadableError:
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
    """The models accept what the installers accept, and find the same values as the check."""
    installer, *words = command.split()
    grammar = grammar_of(installer)
    parsed = parse(grammar, tuple(words))
    options, arguments = _read_by_model(grammar, words)
    assert options == [(given.option, given.value) for given in parsed.options]
    assert arguments == [*parsed.arguments, *parsed.program]


@pytest.mark.parametrize("installer", INSTALLERS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_values_of_an_accepted_command_stay_inside(installer: str, data: st.DataObject) -> None:
    """No part of an accepted value is a path that leaves the workspace, from any of its folders."""
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
