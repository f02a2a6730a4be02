"""Run a command given on the command line, report errors, and choose the exit code."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from pytest_indexcache import __version__
from pytest_indexcache.cli.commands.bisect import add_to as add_bisect
from pytest_indexcache.cli.commands.by_hand.serve import add_to as add_serve
from pytest_indexcache.cli.commands.by_hand.shell import add_to as add_shell
from pytest_indexcache.cli.commands.files.capture import add_to as add_capture
from pytest_indexcache.cli.commands.files.check import add_to as add_check
from pytest_indexcache.cli.commands.files.export import add_to as add_export
from pytest_indexcache.cli.commands.files.import_log import add_to as add_import
from pytest_indexcache.cli.commands.files.listing import add_to as add_list
from pytest_indexcache.cli.commands.files.new import add_to as add_new
from pytest_indexcache.cli.commands.files.observe import add_to as add_observe
from pytest_indexcache.cli.commands.files.report import add_to as add_report
from pytest_indexcache.cli.commands.files.schema import add_to as add_schema
from pytest_indexcache.cli.commands.files.show import add_to as add_show
from pytest_indexcache.cli.commands.home import add_to as add_home
from pytest_indexcache.cli.commands.matrices.matrix import add_to as add_matrix
from pytest_indexcache.cli.commands.matrices.merge import add_to as add_merge
from pytest_indexcache.cli.commands.matrices.record import add_to as add_record
from pytest_indexcache.cli.commands.matrices.site import add_to as add_site
from pytest_indexcache.cli.commands.play import add_to as add_play
from pytest_indexcache.cli.commands.servers.interop import add_to as add_interop
from pytest_indexcache.cli.commands.servers.probe import add_to as add_probe
from pytest_indexcache.cli.terminal.completion import add_completion
from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import HelpFormatter
from pytest_indexcache.errors import (
    CommandError,
    IndexcacheError,
    InstallerSpecError,
    ReportError,
    ScenarioError,
    StoreError,
    UpstreamError,
)

FINE: Final = 0
FAILED: Final = 1
USAGE: Final = 2

DESCRIPTION: Final = """\
Play scenarios of index caching with any release of an installer, against fake
indexes that are served at their real URLs. A scenario is a TOML file: indexes, a
project, and steps of an installer with what each of them should request, download
and install.

  indexcache list scenarios torch
  indexcache show 15303-cpu
  indexcache play 15303-cpu --installer uv==0.8.11
  indexcache new my-report.toml
  indexcache COMMAND --help

The pytest plugin plays many files, and compares the results with a baseline:

  pytest --indexcache-scenarios FOLDER --indexcache-installer SPEC
"""
EPILOG: Final = """\
installer specs:
  reference       the installer of this package; it needs no other program
  reference:NAME  the same with a known bug: see indexcache list variants
  uv              the uv on PATH; or pip, poetry, pdm
  uv==0.8.11      a release, which is installed when it is first needed
  'uv>=0.8,<0.9'  every release of a range, for commands that play several
  uv@PATH         a build of your own

exit codes:
  0    success
  1    a play failed or broke, check found a problem, or there is nothing to
       show, compare or report
  2    the request cannot be carried out: a wrong option or installer spec, a
       missing scenario or installer, a store, a file or an output that cannot
       be used
  130  ended by Ctrl-C; the results so far are in the store

indexcache play has its own exit codes, for git bisect run.

The environment variable INDEXCACHE_HOME names the folder for installers and for the
store; by default it is in the user's cache.
"""

_COMMANDS: Final = (
    *(add_list, add_show, add_new, add_import, add_check, add_observe, add_serve, add_schema),
    *(add_play, add_bisect, add_matrix, add_merge, add_record, add_report, add_site, add_home),
    *(add_probe, add_interop, add_capture, add_export, add_shell),
)
_CANNOT_BE_DONE: Final = (
    CommandError,
    InstallerSpecError,
    ReportError,
    ScenarioError,
    StoreError,
    UpstreamError,
)


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; raise SystemExit if the arguments are invalid.

    Errors are written to stderr.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    usage_code = USAGE
    try:
        try:
            chosen = _chosen(arguments)
            usage_code = chosen.usage_code
            code: int = chosen.run(chosen)
        finally:
            sys.stdout.flush()
    except IndexcacheError as error:
        write_text(sys.stderr, f"indexcache: {error}")
        return usage_code if isinstance(error, _CANNOT_BE_DONE) else FAILED
    except BrokenPipeError:  # the program that reads the output, such as head, has ended
        return FAILED if usage_code == USAGE else usage_code
    return code


def _chosen(arguments: Sequence[str] | None) -> argparse.Namespace:
    words = sys.argv[1:] if arguments is None else arguments
    chosen, unknown = _parser().parse_known_args(words)
    if unknown:
        chosen.refuse(f"unrecognized arguments: {' '.join(unknown)}")
    blank = _blank_argument(words)
    if blank is not None:
        chosen.refuse(f"{blank} is empty: give it a value, or leave it out")
    return chosen


def _blank_argument(words: Sequence[str]) -> str | None:
    """Return a name for the first empty argument, or None if no argument is empty.

    Without this check, an empty path would be the current folder, and an empty option the default.
    The words after ``--`` belong to the command of an installer.
    """
    for number, word in enumerate(takewhile(lambda word: word != "--", words)):
        option, equals, value = word.partition("=")
        if option.startswith("--") and equals and not value.strip():
            return option
        if not word.strip():
            before = words[number - 1] if number else ""
            return before if before.startswith("--") else f"argument {number}"
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="indexcache",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"indexcache {__version__}")
    add_completion(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for add in _COMMANDS:
        add(commands)
    return parser
