"""``indexcache list``: list the names that scenarios and command lines can use."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import beside, text_width, write_text
from pytest_indexcache.cli.terminal.parsers import add_command
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
Each line has a name and its description. If several words are given, each must be in
the line; case is ignored.

  indexcache list                        the number of entries of each kind
  indexcache list scenarios torch
  indexcache list servers
  indexcache list variants
  indexcache list verbs cache

The exit code is 1 if nothing matches the filter.
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache list``."""
    summary = "list scenarios, servers, variants or verbs"
    parser = add_command(commands, "list", run, summary, DESCRIPTION)
    parser.add_argument(
        "kind",
        nargs="?",
        choices=tuple(_KINDS),
        help="scenarios of the catalogue, servers that an index can imitate, variants of the "
        "reference installer, or verbs of steps",
    )
    parser.add_argument("filter", nargs="*", metavar="WORD", help="show only lines with this word")


def run(chosen: argparse.Namespace) -> int:
    """Print the names of one kind, or how many names each kind has; return 1 if there are none."""
    if chosen.kind is None:
        rows = {kind: str(len(names())) for kind, names in _KINDS.items()}
    else:
        words = [word.lower() for word in chosen.filter]
        rows = {
            name: text
            for name, text in _KINDS[chosen.kind]().items()
            if all(word in f"{name} {text}".lower() for word in words)
        }
    lines = beside(rows.items(), text_width(sys.stdout))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if not rows:
        write_text(sys.stderr, f"indexcache: no {chosen.kind} match {printable(' '.join(words))}")
    return 0 if rows else 1


def _scenarios() -> Mapping[str, str]:
    """Return the titles of the catalogue's scenarios, keyed by name."""
    from pytest_indexcache.data_formats import loads_toml
    from pytest_indexcache.scenario_files import catalogue_folder, scenario_files, scenario_name

    folder = catalogue_folder()
    return {
        scenario_name(file, folder): loads_toml(_head(file.read_text(encoding="utf-8")))["title"]
        for file in scenario_files(folder)
    }


def _head(text: str) -> str:
    """Return the TOML text before the first table, which is faster to parse than the whole file."""
    return re.split(r"(?m)^\[", text, maxsplit=1)[0]


def _servers() -> Mapping[str, str]:
    from pytest_indexcache.servers import load_profile, profile_names

    return {name: load_profile(name).title for name in profile_names()}


def _variants() -> Mapping[str, str]:
    from pytest_indexcache.installers.reference.variants import variant_descriptions

    return {f"reference:{name}": text for name, text in variant_descriptions().items()}


def _verbs() -> Mapping[str, str]:
    from typing import get_args

    from pytest_indexcache.scenario.tables.steps import AnyStep

    return {_verb(table): _first_line(table) for table in get_args(AnyStep)}


def _verb(table: type) -> str:
    from typing import get_args, get_type_hints

    return str(get_args(get_type_hints(table)["do"])[0])


def _first_line(table: type) -> str:
    return (table.__doc__ or "").splitlines()[0]


_KINDS: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = {
    "scenarios": _scenarios,
    "servers": _servers,
    "variants": _variants,
    "verbs": _verbs,
}
