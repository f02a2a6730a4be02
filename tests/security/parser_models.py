"""Models of the installers' own argument parsers.

pip uses optparse and pdm argparse, and so do their models. The models of uv's clap and poetry's
cleo are a few lines of Python.
"""

from __future__ import annotations

import argparse
import optparse
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from pytest_indexcache.scenario.commands.grammar import Grammar

Reading = tuple[list[tuple[str, str]], list[str]]
"""The options with their values, and the arguments."""


Options = tuple[tuple[str, str], ...]
"""The options that a parser knows, each with its kind."""


class UnreadableError(Exception):
    """A command line that the installer itself would refuse."""


class _Optparse(optparse.OptionParser):
    def error(self, msg: str) -> None:  # type: ignore[override]
        raise UnreadableError(msg)


@cache
def _optparser(known: Options, interspersed: bool) -> tuple[_Optparse, list[tuple[str, str]]]:
    given: list[tuple[str, str]] = []

    def note(_option: object, name: str, value: str | None, _parser: object) -> None:
        given.append((name, value or ""))

    parser = _Optparse(add_help_option=False)
    if not interspersed:
        parser.disable_interspersed_args()
    for name, kind in known:
        if kind == "flags":
            parser.add_option(name, action="callback", callback=note)
        else:
            parser.add_option(name, action="callback", callback=note, type="string")
    return parser, given


def _optparse(known: Mapping[str, str], words: Sequence[str], interspersed: bool) -> Reading:
    parser, given = _optparser(tuple(known.items()), interspersed)
    given.clear()
    _, rest = parser.parse_args(list(words))
    return [*given], rest


class _Argparse(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UnreadableError(message)


@cache
def _argparser(known: Options, interspersed: bool) -> tuple[_Argparse, list[tuple[str, str]]]:
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
    for name, kind in known:
        parser.add_argument(
            name, action=Note, nargs=0 if kind == "flags" else None, dest=re.sub(r"\W", "_", name)
        )
    parser.add_argument("words", nargs="*" if interspersed else argparse.PARSER)
    return parser, given


def _argparse(known: Mapping[str, str], words: Sequence[str], interspersed: bool) -> Reading:
    parser, given = _argparser(tuple(known.items()), interspersed)
    given.clear()
    rest = parser.parse_args(list(words)).words
    return [*given], rest


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
                raise UnreadableError(word)
            if known[name] == "flags":
                given.append((name, ""))
            else:
                given.append((name, cluster.removeprefix("=") or _following(queue)))
                cluster = ""
    return given, rest


def _following(queue: list[str]) -> str:
    if not queue or (queue[0].startswith("-") and queue[0] != "-"):
        raise UnreadableError("a value is lacking")
    return queue.pop(0)


MODELS: Mapping[str, Callable[[Mapping[str, str], Sequence[str], bool], Reading]] = {
    "uv": _clap,
    "poetry": _clap,
    "pip": _optparse,
    "pdm": _argparse,
}


def read_by_model(
    grammar: Grammar, words: Sequence[str], further: Mapping[str, str] | None = None
) -> Reading:
    """Return the arguments as an installer reads them; ``further`` are additional options."""
    model = MODELS[grammar.installer]
    everything = dict.fromkeys(grammar.refused, "refused") | dict(further or {})
    given, rest = model(everything | dict(grammar.leading), words, False)
    longest = grammar.subcommands.get(" ".join(rest[:2]))
    subcommand = longest or grammar.subcommands[rest[0]]
    known = everything | dict(subcommand.options)
    is_run = subcommand.arguments == ("program",)
    more, arguments = model(known, rest[len(subcommand.name.split()) :], not is_run)
    return [*given, *more], arguments
