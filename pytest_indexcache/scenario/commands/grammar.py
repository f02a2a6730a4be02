"""The allow-list for an installer's command lines: its subcommands and their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml

INSTALLERS: Final = ("uv", "pip", "poetry", "pdm")

FLAG: Final = "flags"
"""The kind for options that do not take a value."""


@dataclass(frozen=True)
class Subcommand:
    """A subcommand: the kind of value that each option takes, and the kinds of its arguments.

    The last kind in ``arguments`` also applies to all further arguments.
    """

    name: str
    options: Mapping[str, str]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Grammar:
    """Those command lines of an installer that a scenario is allowed to use.

    Each option in ``alone`` is a complete command line by itself; options in ``leading`` can come
    before the subcommand. ``refused`` and ``refused_subcommands`` map forbidden options and
    subcommands to the reason why they are forbidden. ``variables`` maps environment variables to
    the kinds of their values; a ``*`` in a name matches any string. ``refused_variables`` maps
    forbidden variables to the reason.
    """

    installer: str
    style: str
    alone: tuple[str, ...]
    leading: Mapping[str, str]
    refused: Mapping[str, str]
    subcommands: Mapping[str, Subcommand]
    refused_subcommands: Mapping[str, str]
    variables: Mapping[str, str]
    refused_variables: Mapping[str, str]

    def starts(self, word: str) -> bool:
        """Return whether a word is a subcommand, or the first of the two words of a subcommand."""
        return any(name.split()[0] == word for name in self.subcommands)


@cache
def grammar_of(installer: str) -> Grammar:
    """Return the grammar for one of the :data:`INSTALLERS` or for requirements files."""
    source = files("pytest_indexcache.scenario.commands") / f"{installer}.toml"
    document = loads_toml(source.read_text(encoding="utf-8"))
    groups = {name: _options(table) for name, table in document["groups"].items()}
    subcommands = {
        name: _subcommand(name, table, groups) for name, table in document["commands"].items()
    }
    return Grammar(
        installer,
        document["style"],
        tuple(document.get("alone", "").split()),
        groups["global"],
        document.get("refused", {}),
        subcommands,
        document.get("refused-commands", {}),
        _options(document.get("variables", {})),
        document.get("refused-variables", {}),
    )


def _subcommand(
    name: str, table: Mapping[str, Any], groups: Mapping[str, Mapping[str, str]]
) -> Subcommand:
    options = dict(groups["global"])
    for group in table.get("groups", "").split():
        options |= groups[group]
    return Subcommand(name, options | _options(table), tuple(table.get("arguments", "").split()))


def _options(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        option: kind
        for kind, options in table.items()
        if kind not in ("groups", "arguments")
        for option in options.split()
    }
