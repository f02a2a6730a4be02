"""Parse and write the reference installer's command lines, based on the table of options."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from pytest_indexcache.reference.commands.options import (
    ARGUMENTS,
    COMMANDS,
    GROUPS,
    CommandUsage,
    Options,
)

PROGRAM: Final = "python -m pytest_indexcache.reference"

_DESCRIPTION: Final = """\
Locks, installs and removes packages, with an HTTP cache that obeys RFC 9111
and a wheel store that is the installer's own record.
"""
_EPILOG: Final = """\
environment variables:
  INDEXCACHE_CACHE_DIR   the cache folder
  INDEXCACHE_INDEX_URL   the default index, before PIP_INDEX_URL
  HTTPS_PROXY, SSL_CERT_FILE and the like are obeyed as httpx obeys them

exit codes: 0 done, 1 failed, 2 wrong usage
"""


class _Parser(ArgumentParser):
    """A parser that reports a usage error in one sentence, without a list of all options."""

    def error(self, message: str) -> NoReturn:
        self.refuse(message, self.prog)

    def refuse(self, message: str, program: str) -> NoReturn:
        """Print an error message and the command that shows help, then exit."""
        self.exit(2, f"error: {message}\n  hint: see '{program} --help'\n")


def parse_words(words: Sequence[str], folder: Path = Path()) -> Options:
    """Parse the words of a command line; relative paths are resolved against ``folder``.

    :raises SystemExit: after a usage error was reported, or the help was printed
    """
    parser = build_parser()
    given, unknown = parser.parse_known_args(words)
    found = vars(given)
    command = " ".join(found.pop(key) for key in ("command", "action") if key in found)
    if unknown:  # argparse would report these without naming the command
        parser.refuse(f"unrecognized arguments: {' '.join(unknown)}", f"{PROGRAM} {command}")
    values = {key: ARGUMENTS[key].value(text, folder) for key, text in found.items()}
    return Options(command=command, **{"project": folder, **values})


@cache
def build_parser() -> _Parser:
    """Return the argument parser, with a subparser for each command."""
    parser = _Parser(
        PROGRAM,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for words, usage in COMMANDS.items():
        first, _, action = words.partition(" ")
        if first in GROUPS and first not in groups:
            group = _subparser(commands, first, GROUPS[first])
            groups[first] = group.add_subparsers(dest="action", metavar="ACTION", required=True)
        _fill(_subparser(groups.get(first, commands), action or first, usage.summary), usage)
    return parser


def _subparser(commands: Any, name: str, summary: str) -> Any:
    """Add and return the parser for a command.

    Options that are not given on a command line are missing from the parser's result.
    """
    return commands.add_parser(name, help=summary, allow_abbrev=False, argument_default=SUPPRESS)


def _fill(parser: Any, usage: CommandUsage) -> None:
    groups: dict[str, Any] = {"": parser}
    for title, key, argument in usage.arguments:
        if title not in groups:
            groups[title] = parser.add_argument_group(title)
        holder = groups[title]
        if argument.one_of:
            if argument.one_of not in groups:
                groups[argument.one_of] = holder.add_mutually_exclusive_group()
            holder = groups[argument.one_of]
        argument.add_to(holder, key, is_needed=key in usage.needed)


def command_words(command: str, values: Mapping[str, Any]) -> list[str]:
    """Return the words of the command line that runs a command with these values.

    ``values`` maps keys of :class:`Options` to strings, or to True for an option without a value or
    for all projects. Values that are None, false or empty are left out.

    :raises KeyError: if the command does not accept a key
    """
    arguments = {key: argument for _, key, argument in COMMANDS[command].arguments}
    given = [(arguments[key], value) for key, value in values.items() if value]
    options = [
        word
        for argument, value in given
        if not argument.is_operand
        for word in argument.written(value)
    ]
    operands = [
        word for argument, value in given if argument.is_operand for word in argument.written(value)
    ]
    mark = ["--"] if any(word.startswith("-") for word in operands) else []
    return [*command.split(), *options, *mark, *operands]
