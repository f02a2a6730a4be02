"""Parse a command line word by word, as the installer does.

Some forms are not parsed in the same way by all installers and releases, and are refused:
abbreviated options, values that begin with a dash, and ``-o=value``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.scenario.commands.grammar import FLAG, Grammar, Subcommand
from pytest_indexcache.scenario.words.wording import Suggestion, shown

STDOUT: Final = "-"


@dataclass(frozen=True)
class OptionValue:
    """The value given to an option, and the kind of value that the option requires."""

    option: str
    value: str
    kind: str


@dataclass
class ParsedCommand:
    """A parsed command line: its subcommand, options, arguments, and the program it would start."""

    subcommand: Subcommand
    options: list[OptionValue] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    program: tuple[str, ...] = ()


def parse(grammar: Grammar, words: tuple[str, ...]) -> ParsedCommand:
    """Parse a command line; ``words`` are the words after the installer's name.

    :raises ValueError: for a word that is not in ``grammar``
    """
    if len(words) == 1 and words[0] in grammar.alone:
        return ParsedCommand(Subcommand(words[0], {}, ()))
    reader = _Reader(grammar, words)
    leading = list(reader.read_options(grammar.leading, "before the subcommand"))
    parsed = ParsedCommand(reader.read_subcommand(leading), leading)
    name = f"in {grammar.installer} {parsed.subcommand.name}"
    known = parsed.subcommand.options
    while reader.words_left:
        parsed.options += reader.read_options(known, name)
        if reader.words_left and parsed.subcommand.arguments == ("program",):
            parsed.program = reader.rest()
        elif reader.words_left:
            parsed.arguments.append(reader.next_argument())
    return parsed


class _Reader:
    def __init__(self, grammar: Grammar, words: tuple[str, ...]) -> None:
        self._grammar = grammar
        self._words = words
        self._place = 0
        self._only_arguments = False

    @property
    def words_left(self) -> int:
        return len(self._words) - self._place

    def _next(self) -> str:
        self._place += 1
        return self._words[self._place - 1]

    def rest(self) -> tuple[str, ...]:
        rest, self._place = self._words[self._place :], len(self._words)
        return rest

    def next_argument(self) -> str:
        word = self._next()
        if word.startswith("-"):
            raise ValueError(
                f"{shown(word)} is not an argument: an argument cannot begin with a dash"
            )
        return word

    def read_options(self, known: Mapping[str, str], where: str) -> Iterator[OptionValue]:
        """Yield options up to the next word that is not an option."""
        while self.words_left and not self._only_arguments:
            word = self._words[self._place]
            if not word.startswith("-") or word == STDOUT:
                return
            self._place += 1
            if word == "--":
                self._only_arguments = True
            elif word.startswith("--"):
                yield self._long(word, known, where)
            else:
                yield from self._short(word, known, where)

    def read_subcommand(self, leading: list[OptionValue]) -> Subcommand:
        if self._only_arguments:
            raise ValueError("'--' is not allowed before the subcommand")
        if not self.words_left:
            raise ValueError("the command has no subcommand")
        for given in leading:
            if self._grammar.starts(given.value):
                raise ValueError(
                    f"{shown(given.value)} after {given.option} could be read as a subcommand: "
                    "write another value"
                )
        first = self._next()
        second = f"{first} {self._words[self._place]}" if self.words_left else first
        known = self._grammar.subcommands
        if second != first and second in known:
            self._place += 1
            return known[second]
        if first in known:
            return known[first]
        reason = self._grammar.refused_subcommands.get(second)
        if reason:
            raise ValueError(f"{self._grammar.installer} {second} is not allowed: {reason}")
        # "uv pip" and "uv frobnicate" differ: only the first has a second word to correct.
        name = second if self._grammar.starts(first) else first
        hint = Suggestion(name, list(known), "it may have:")
        raise ValueError(
            f"{self._grammar.installer} {name} is not a subcommand that a scenario may use; {hint}"
        )

    def _long(self, word: str, known: Mapping[str, str], where: str) -> OptionValue:
        option, has_value, value = word.partition("=")
        kind = self._kind(option, known, where)
        if kind == FLAG and has_value:
            raise ValueError(f"{option} takes no value, so {shown(word)} is not possible")
        if kind == FLAG:
            return OptionValue(option, "", kind)
        return OptionValue(option, value if has_value else self._value(option, kind), kind)

    def _short(self, word: str, known: Mapping[str, str], where: str) -> Iterator[OptionValue]:
        for place in range(1, len(word)):
            option = f"-{word[place]}"
            kind = self._kind(option, known, where, word)
            joined = word[place + 1 :]
            if kind == FLAG:
                yield OptionValue(option, "", kind)
                continue
            if joined.startswith("="):
                raise ValueError(
                    f"{shown(word)} is read differently by different releases: write the value "
                    f"of {option} as a separate word"
                )
            yield OptionValue(option, joined or self._value(option, kind), kind)
            return

    def _value(self, option: str, kind: str) -> str:
        if not self.words_left:
            raise ValueError(f"{option} has no value")
        word = self._next()
        if word.startswith("-") and not (word == STDOUT and kind == "output"):
            raise ValueError(f"{option} has no value: {shown(word)} after it begins with a dash")
        return word

    def _kind(self, option: str, known: Mapping[str, str], where: str, word: str = "") -> str:
        kind = known.get(option)
        if kind is not None:
            return kind
        place = f" in {shown(word)}" if word and word != option else ""
        reason = self._grammar.refused.get(option)
        if reason:
            raise ValueError(f"{option}{place} is not allowed: {reason}")
        longer = [name for name in known if name.startswith(option)]
        hint = Suggestion(option, longer or list(known), "it may have:")
        raise ValueError(
            f"{shown(option)}{place} is not an option that a scenario may use {where}; {hint} "
            "(options are written in full)"
        )
