"""The option ``--print-completion``, which prints a completion script for a shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

SHELLS: Final = ("bash", "zsh", "tcsh")

_FILES: Final = frozenset({"scenario", "scenarios"})
"""Names of string arguments that shells complete as file names."""


class PrintCompletion(argparse.Action):
    """Prints the completion script for a shell, and exits."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002
        values: Any,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Print the completion script for the named shell, and exit."""
        try:
            import shtab
        except ImportError:
            parser.error(
                "completion needs the package shtab: pip install 'pytest-indexcache[completion]'"
            )
        for action in _actions(parser):
            if action.type is Path or action.dest in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        sys.stdout.write(shtab.complete(parser, shell=values))
        parser.exit(0)


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Add ``--print-completion`` to the top-level parser."""
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=SHELLS,
        metavar="SHELL",
        help="print a script for bash, zsh or tcsh that completes commands and options",
    )


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its subcommands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
