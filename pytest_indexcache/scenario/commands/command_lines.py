"""Check verbatim command lines: a scenario may come from a stranger, so only some are allowed.

Command lines are never run by a shell. They can only start the installer that they are written for.
Each word must be on that installer's allow-list, and each value must be of the kind that its option
requires.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import lru_cache
from posixpath import normpath
from typing import Final

from pytest_indexcache.scenario.commands.grammar import INSTALLERS, grammar_of
from pytest_indexcache.scenario.commands.parser import ParsedCommand, parse
from pytest_indexcache.scenario.commands.programs import check_program
from pytest_indexcache.scenario.values.kinds import check_value
from pytest_indexcache.scenario.values.reach import Reach
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.wording import shown

_OF_SHELLS: Final = re.compile(
    r"&&|\|\|?|;|&|\d?>>?(?:&\d)?|<<?|(?:\d?>|<).*|.*;|`.*|.*\$\(.*|\$\{?[A-Za-z_].*", re.DOTALL
)
"""Matches words with which a shell chains commands, redirects output or substitutes text."""

_SPECIFIER: Final = re.compile(r"[<>]=\d.*", re.DOTALL)

_PIP_BY_PYTHON: Final = (("python", "-m", "pip"), ("python3", "-m", "pip"))
_ALIASES: Final = {"uvx": ("tool", "run")}


def split_command(installer: str, command: str | Sequence[str], reach: Reach) -> tuple[str, ...]:
    """Return the arguments of a command line, without the name of the installer.

    ``reach`` contains the hosts that URLs may point to, and the modules that ``python -c`` may
    import.

    :raises ValueError: if the command line is invalid or not allowed
    """
    words = _words(command)
    _check_shell(words)
    arguments = _arguments(installer, words)
    if installer in INSTALLERS:
        _check(parse(grammar_of(installer), arguments), reach)
    else:
        _check_without_tables(installer, arguments, reach)
    return arguments


def command_parts(installer: str, command: str | Sequence[str]) -> ParsedCommand | None:
    """Return the parsed command line, or None if it is not on the installer's allow-list."""
    whole = command if isinstance(command, str) else tuple(command)
    return _parts(installer, whole) if installer in INSTALLERS else None


@lru_cache(maxsize=len(INSTALLERS) * limits.STEPS)
def _parts(installer: str, command: str | tuple[str, ...]) -> ParsedCommand | None:
    try:
        return parse(grammar_of(installer), _arguments(installer, _words(command)))
    except ValueError:
        return None


def entered_folders(
    installer: str, command: str | Sequence[str], folder: str = "project"
) -> tuple[str, ...]:
    """Return the folders in the workspace from which relative paths in a command may start.

    The first one is ``folder``, in which the command is started.
    """
    parts = command_parts(installer, command)
    start = Reach(folders=(folder,))
    try:
        return _entered(parts, start).folders if parts else start.folders
    except ValueError:
        return start.folders  # the command itself is reported by another check


def new_project(installer: str, command: str | Sequence[str], folder: str) -> str | None:
    """Return the name of the project that a command creates, or None if it does not create one.

    ``folder`` is the folder in which the command is started.
    """
    parts = command_parts(installer, command)
    if parts is None or parts.subcommand.arguments != ("new-project",):
        return None
    named = [given.value for given in parts.options if given.option == "--name"]
    place = normpath(f"{folder}/{next(iter(parts.arguments), '.')}")
    return next(iter(named), place.rpartition("/")[2])


def check_words(language: str, words: tuple[str, ...], reach: Reach) -> None:
    """Raise ValueError unless all words are on the allow-list of a language.

    ``language`` is an installer, or ``requirements`` for a line in a requirements file. The first
    word is the subcommand.

    :raises ValueError: if a word is invalid or not allowed
    """
    _check(parse(grammar_of(language), words), reach)


def _words(command: str | Sequence[str]) -> tuple[str, ...]:
    length = sum(map(len, command))
    if length > limits.COMMAND:
        raise ValueError(
            f"the command has {length:,} characters; at most {limits.COMMAND:,} are allowed"
        )
    try:
        words = tuple(shlex.split(command) if isinstance(command, str) else command)
    except ValueError as error:
        raise ValueError(f"the command cannot be split into words: {error}") from None
    if len(words) > limits.WORDS:
        raise ValueError(
            f"the command has {len(words):,} words; at most {limits.WORDS:,} are allowed"
        )
    return words


def _check_shell(words: Sequence[str]) -> None:
    for number, word in enumerate(words):
        is_code = number > 0 and words[number - 1] == "-c"
        if not is_code and _OF_SHELLS.fullmatch(word) and not _SPECIFIER.fullmatch(word):
            raise ValueError(
                f"no shell reads the command, so {shown(word)} has no effect here: "
                "give each command a step of its own, and test its output with expect.output"
            )


def _arguments(installer: str, words: tuple[str, ...]) -> tuple[str, ...]:
    if words and words[0] == installer:
        return words[1:]
    if words and installer == "uv" and words[0] in _ALIASES:
        return (*_ALIASES[words[0]], *words[1:])
    if installer == "pip" and words[:3] in _PIP_BY_PYTHON:
        return words[3:]
    first = repr(words[0]) if words else "nothing"
    raise ValueError(f"a command for {installer} begins with {installer!r}, not with {first}")


def _entered(parsed: ParsedCommand, reach: Reach) -> Reach:
    """Return ``reach``, extended by the folders that options such as ``--directory`` change to."""
    for given in parsed.options:
        if given.kind == "base":
            _check_value(given.kind, given.value, reach, f"{given.option}: ")
            reach = reach.entered(given.value)
    return reach


def _check(parsed: ParsedCommand, reach: Reach) -> None:
    reach = _entered(parsed, reach)
    for given in parsed.options:
        if given.kind not in ("base", "flags"):
            _check_value(given.kind, given.value, reach, f"{given.option}: ")
    kinds = parsed.subcommand.arguments
    if kinds == ("program",):
        check_program(parsed.program, reach.modules)
        return
    for place, argument in enumerate(_arguments_of(parsed)):
        if not kinds:
            name = parsed.subcommand.name
            raise ValueError(f"{name} takes no arguments: remove {shown(argument)}")
        _check_value(kinds[min(place, len(kinds) - 1)], argument, reach)


def _arguments_of(parsed: ParsedCommand) -> Sequence[str]:
    """Return the arguments of a command, including the default argument of ``init``.

    By default, ``init`` names the project after the folder in which it is created.
    """
    is_named = any(given.option == "--name" for given in parsed.options)
    if parsed.arguments or is_named or parsed.subcommand.arguments != ("new-project",):
        return parsed.arguments
    return (".",)


def _check_value(kind: str, value: str, reach: Reach, where: str = "") -> None:
    try:
        check_value(kind, value, reach)
    except ValueError as error:
        raise ValueError(f"{where}{error}") from None


def _check_without_tables(installer: str, arguments: tuple[str, ...], reach: Reach) -> None:
    """Check the words for an installer that has no allow-list: only plain words are accepted."""
    if not arguments:
        raise ValueError("the command has no subcommand")
    for argument in arguments:
        if argument == "run":
            raise ValueError(f"{installer} run is not allowed: its options are not known here")
        if not re.fullmatch(r"--?[a-z][a-z-]*", argument, re.ASCII):
            _check_value("requirement", argument, reach)
