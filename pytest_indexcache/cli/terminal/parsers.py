"""Argument parsers for commands, and options that several commands share."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.errors import CommandError

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

NAME_HELP: Final = "a part of a name in the catalogue, such as 15303"
SPEC_HELP: Final = "reference (default), uv (on PATH), uv==0.8.11, uv@PATH; or pip, poetry, pdm"
STORE_NAME: Final = "plays.sqlite"


_TABLE_ROW: Final = re.compile(r"^ +\S+ {2,}(?=\S)|^ {5,}(?=\S)")
"""A pattern for the indent and first column of a table row in a help text."""


class HelpFormatter(argparse.HelpFormatter):
    """A help formatter that wraps paragraphs and table rows, but not indented examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.strip("\n").split("\n\n")
        return "\n\n".join(
            "\n".join(_fitted(line, width) for line in part.splitlines())
            if "\n  " in f"\n{part}"
            else fill(part, width, initial_indent=indent)
            for part in paragraphs
        )


def _fitted(line: str, width: int) -> str:
    """Wrap the second column of a table row; return other lines unchanged."""
    row = _TABLE_ROW.match(line)
    if row is None or len(line) <= width:
        return line
    room, margin = max(width, len(row[0]) + 20), " " * len(row[0])
    return fill(line[len(row[0]) :], room, initial_indent=row[0], subsequent_indent=margin)


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str,
    usage_code: int = 2,
) -> argparse.ArgumentParser:
    """Add a command and return its parser.

    ``summary`` and ``description`` are help texts. ``usage_code`` is the exit code for invalid
    options.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n\n{description}",
        formatter_class=HelpFormatter,
    )
    parser.error = partial(_refuse, parser, usage_code)  # type: ignore[method-assign]
    parser.set_defaults(run=run, refuse=parser.error, usage_code=usage_code)
    return parser


def _refuse(parser: argparse.ArgumentParser, code: int, message: str) -> NoReturn:
    parser.print_usage(sys.stderr)
    write_text(sys.stderr, f"{parser.prog}: error: {message}")
    parser.exit(code)


def add_transport(parser: argparse.ArgumentParser, transports: tuple[str, ...]) -> None:
    """Add the option ``--transport``."""
    parser.add_argument(
        "--transport",
        choices=transports,
        default=transports[0],
        help="how the reference installer reaches the indexes: in this process (default), or over "
        "TLS; other installers always use the wire",
    )


def add_upstream(parser: argparse.ArgumentParser) -> None:
    """Add ``--upstream``, which lets running servers take the place of fake indexes."""
    parser.add_argument(
        "--upstream",
        action="append",
        metavar="NAME=URL",
        help="forward the requests for the index NAME to a running server at URL, and record them; "
        "may be repeated",
    )


def add_containment(parser: argparse.ArgumentParser) -> None:
    """Add ``--contained``, which decides whether the kernel confines installers."""
    parser.add_argument(
        "--contained",
        choices=("auto", "require", "off"),
        default="auto",
        help="confine installers to the workspace by the kernel (Linux with Landlock): if it can "
        "(auto, the default), always, with an error if it cannot (require), or never (off)",
    )


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add ``--trust``, which permits the commands and files of scenarios without containment."""
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run the commands and use the files of the named scenarios even if the kernel cannot "
        "confine them",
    )


def add_play_options(parser: argparse.ArgumentParser, transports: tuple[str, ...]) -> None:
    """Add the options for commands that run many plays, such as ``--jobs`` and ``--store``."""
    add_transport(parser, transports)
    add_containment(parser)
    add_trust(parser)
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        default=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        help="the number of plays at a time (default: one for each core, %(default)s here)",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help=f"the store of earlier plays (default: {STORE_NAME} in INDEXCACHE_HOME)",
    )
    parser.add_argument(
        "--again", action="store_true", help="repeat the plays that are in the store"
    )
    parser.add_argument(
        "--no-progress",
        action="store_false",
        dest="progress",
        help="do not show each play as it ends; warnings and results are shown",
    )


def add_matrix_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for commands that write a matrix, such as ``--json`` and ``--html``."""
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the plays as JSON; - for stdout"
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a table in Markdown; - for stdout"
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write an HTML page; - for stdout"
    )
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="fail if a release behaves correctly although [affected] lists it (default)",
    )


def checked_jobs(jobs: int) -> int:
    """Return the number of jobs, or raise CommandError if it is less than 1."""
    if jobs < 1:
        raise CommandError(
            f"--jobs must be at least 1, not {jobs}", "leave it out to use the default"
        )
    return jobs


def store_file(given: Path | None) -> Path:
    """Return the given path of the store, or else the default path."""
    from pytest_indexcache.installers.provisioning.home import cache_home

    return given if given is not None else cache_home() / STORE_NAME
